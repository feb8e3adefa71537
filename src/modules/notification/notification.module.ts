// Wires notifications: the outbox behind the Events port, live delivery, and the queue.
import { BullModule } from '@nestjs/bullmq';
import { Global, Module } from '@nestjs/common';
import { Events } from '../../platform/events/events.js';
import { AuthModule } from '../auth/auth.module.js';
import { BookingModule } from '../booking/booking.module.js';
import { DELIVERY_QUEUE, DeliveryQueue } from './delivery-queue.js';
import { DeliveryWorker } from './delivery.worker.js';
import { Handshake } from './handshake.js';
import { NotificationGateway } from './notification.gateway.js';
import { NotificationRepository } from './notification.repository.js';
import { NotificationResolver, UnreadCountResolver } from './notification.resolver.js';
import { NotificationService } from './notification.service.js';
import { Outbox } from './outbox.js';
import { Presence } from './presence.js';
import { QueueReport } from './queue-report.js';
import { QueueWatch } from './queue-watch.js';
import { Reconciler } from './reconciler.js';
import { Retention } from './retention.js';
import { WakeUps } from './wake-ups.js';

/** The way from a committed event to the queue and the sockets. Global, because every module may record events. */
@Global()
@Module({
  imports: [BullModule.registerQueue({ name: DELIVERY_QUEUE })],
  providers: [
    DeliveryQueue,
    NotificationRepository,
    Presence,
    QueueWatch,
    WakeUps,
    { provide: Events, useClass: Outbox },
  ],
  exports: [DeliveryQueue, Events, NotificationRepository, Presence, WakeUps],
})
export class OutboxModule {}

/** Reading and live delivery, for processes that serve clients. */
@Module({
  imports: [AuthModule, BookingModule],
  providers: [Handshake, NotificationGateway, NotificationResolver, NotificationService, UnreadCountResolver],
})
export class NotificationModule {}

/** Working the queue, and keeping house: in the server itself, or in a process apart. */
@Module({ providers: [DeliveryWorker, Reconciler, Retention] })
export class DeliveryWorkerModule {}

/** Looking at the queue from outside. */
@Module({ imports: [OutboxModule], providers: [QueueReport] })
export class QueueReportModule {}
