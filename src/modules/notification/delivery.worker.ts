// Works the queue of deliveries: wakes who is connected, holds the job for who is not, and lets it go once all is
// confirmed. It delivers nothing itself; that is what the sockets' pumps do.
import { OnWorkerEvent, Processor, WorkerHost } from '@nestjs/bullmq';
import { Logger, type OnModuleDestroy } from '@nestjs/common';
import { DelayedError, type Job } from 'bullmq';
import DataLoader from 'dataloader';
import { failpoint } from '../../platform/failpoints.js';
import { Redis } from '../../platform/redis/redis.js';
import { DELIVERY_QUEUE, DeliveryQueue, HOLD_MS } from './delivery-queue.js';
import { type InboxState, NotificationRepository } from './notification.repository.js';
import { Presence } from './presence.js';
import { WakeUps } from './wake-ups.js';

/** Connected but not confirmed yet: look again soon. */
const LOOK_AGAIN_MS = 2000;

/** A job takes milliseconds: one whose worker has not renewed its lock for so long is taken up by another worker. */
const STALLED_MS = 5000;

const GATHER_MS = 5;

@Processor(DELIVERY_QUEUE, { concurrency: 20, lockDuration: STALLED_MS, stalledInterval: STALLED_MS })
export class DeliveryWorker extends WorkerHost implements OnModuleDestroy {
  private readonly logger = new Logger('DeliveryWorker');
  /** Jobs that are due at the same time share a query. */
  private readonly states = new DataLoader<string, InboxState>(
    (recipientIds) => this.notifications.findStates(recipientIds),
    { cache: false, batchScheduleFn: (send) => setTimeout(send, GATHER_MS) },
  );

  constructor(
    private readonly notifications: NotificationRepository,
    private readonly presence: Presence,
    private readonly wakeUps: WakeUps,
    private readonly queue: DeliveryQueue,
    private readonly redis: Redis,
  ) {
    super();
  }

  /** Finishes the jobs under way; where Redis is away there are none, and a polite goodbye would wait for it. */
  async onModuleDestroy(): Promise<void> {
    await this.worker.close(!this.redis.isReady);
  }

  override async process(job: Job, token?: string): Promise<void> {
    failpoint('working');
    const recipientId = job.id ?? '';
    if (await this.isConfirmed(recipientId)) return;
    const online = await this.presence.isOnline(recipientId);
    if (online) this.wakeUps.wake(recipientId);
    await job.moveToDelayed(Date.now() + (online ? LOOK_AGAIN_MS : HOLD_MS), token);
    throw new DelayedError();
  }

  /** Something may have been committed while the finished job still stood in the way of a new one. */
  @OnWorkerEvent('completed')
  async onCompleted(job: Job): Promise<void> {
    const recipientId = job.id ?? '';
    try {
      if (!(await this.isConfirmed(recipientId))) this.queue.ensure(recipientId);
    } catch {
      // The reconciler looks at everybody.
    }
  }

  @OnWorkerEvent('error')
  onError(error: Error): void {
    this.logger.debug(error);
  }

  private async isConfirmed(recipientId: string): Promise<boolean> {
    const { ackedSequence, lastSequence } = await this.states.load(recipientId);
    return ackedSequence >= lastSequence;
  }
}
