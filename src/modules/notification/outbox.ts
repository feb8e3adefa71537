// Stands behind the Events port: saves what is to be told in the transaction, and sets delivery going after it.
import { Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import type { Transaction } from '../../platform/database/database.js';
import { type BookingEvent, Events } from '../../platform/events/events.js';
import { failpoint } from '../../platform/failpoints.js';
import { DeliveryQueue } from './delivery-queue.js';
import { messageOf } from './notification.messages.js';
import { NotificationRepository } from './notification.repository.js';
import { WakeUps } from './wake-ups.js';

@Injectable()
export class Outbox extends Events {
  constructor(
    private readonly notifications: NotificationRepository,
    private readonly wakeUps: WakeUps,
    private readonly queue: DeliveryQueue,
  ) {
    super();
  }

  override async record(tx: Transaction, event: BookingEvent): Promise<void> {
    const saving = this.notifications.insert(tx, uuid(), event, messageOf(event));
    failpoint('recorded');
    const saved = await saving;
    if (saved === null) return;
    tx.afterCommit(() => {
      failpoint('committed');
      this.wakeUps.wake(event.recipientId, saved);
      this.queue.ensure(event.recipientId);
    });
  }
}
