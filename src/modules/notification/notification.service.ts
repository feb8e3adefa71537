// The public face of notifications: reading them, and marking them read.
import { Injectable } from '@nestjs/common';
import type { Actor } from '../../platform/graphql/actor.js';
import { type Connection, numberPageOf, toConnection } from '../../platform/graphql/connection.types.js';
import type { Json } from '../../platform/projection/json.js';
import type { Asked, Projection } from '../../platform/projection/projection.js';
import { NOTIFICATION_ROWS, NotificationRepository } from './notification.repository.js';
import type { GetNotificationsArgs, MarkNotificationsReadArgs, Notification } from './notification.types.js';

@Injectable()
export class NotificationService {
  constructor(private readonly notifications: NotificationRepository) {}

  async getPage(
    actor: Actor,
    { unreadOnly = false, ...args }: GetNotificationsArgs,
    asked: Asked,
  ): Promise<Connection<Notification | Json>> {
    const as: Projection<Notification | Json> = asked ?? NOTIFICATION_ROWS;
    const page = numberPageOf(`notifications ${actor.id} ${unreadOnly}`, args);
    const [found, unreadCount] = await Promise.all([
      this.notifications.findPage(actor.id, unreadOnly, page, as),
      asked?.asksFor('unreadCount') ? this.countUnread(actor) : undefined,
    ]);
    const connection = toConnection(found, page, ({ sequence, id }) => ({ key: sequence, id }), as.nodeOf);
    return Object.assign(connection, { unreadCount });
  }

  countUnread(actor: Actor): Promise<number> {
    return this.notifications.countUnread(actor.id);
  }

  /** How many became read. */
  markRead(actor: Actor, { ids }: MarkNotificationsReadArgs): Promise<number> {
    return this.notifications.markRead(actor.id, ids ?? null);
  }
}
