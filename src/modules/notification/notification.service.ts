// The public face of notifications: reading them, and marking them read.
import { Injectable } from '@nestjs/common';
import type { Actor } from '../../platform/graphql/actor.js';
import { type Connection, numberPageOf, toConnection } from '../../platform/graphql/connection.types.js';
import { NotificationRepository } from './notification.repository.js';
import type { GetNotificationsArgs, MarkNotificationsReadArgs, Notification } from './notification.types.js';

@Injectable()
export class NotificationService {
  constructor(private readonly notifications: NotificationRepository) {}

  async getPage(
    actor: Actor,
    { unreadOnly = false, ...args }: GetNotificationsArgs,
  ): Promise<Connection<Notification>> {
    const page = numberPageOf(`notifications ${actor.id} ${unreadOnly}`, args);
    const rows = await this.notifications.findPage(actor.id, unreadOnly, page);
    return toConnection(
      rows,
      page,
      ({ sequence, id }) => ({ key: sequence, id }),
      (row): Notification => row,
    );
  }

  countUnread(actor: Actor): Promise<number> {
    return this.notifications.countUnread(actor.id);
  }

  /** How many became read. */
  markRead(actor: Actor, { ids }: MarkNotificationsReadArgs): Promise<number> {
    return this.notifications.markRead(actor.id, ids ?? null);
  }
}
