// The queue of deliveries: one job for each recipient with something unconfirmed, holding nothing but their id.
// It may be wiped at any moment; the reconciler rebuilds it from PostgreSQL.
import { InjectQueue } from '@nestjs/bullmq';
import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { failpoint } from '../../platform/failpoints.js';
import { Redis } from '../../platform/redis/redis.js';
import { Presence } from './presence.js';

export const DELIVERY_QUEUE = 'delivery';

/** delayed: held until the recipient comes back, or to be looked at again soon. */
export const QUEUE_STATES = ['delayed', 'waiting', 'active', 'failed'] as const;
export type QueueState = (typeof QUEUE_STATES)[number];

/** New jobs are gathered this long and sent to Redis together: fifty at once cost a tenth of fifty one by one. */
const GATHER_MS = 100;

/** A connected client has usually confirmed by then, and the job has nothing left to do. */
const FIRST_LOOK_MS = 1000;

/** Offline: held until they connect, which promotes the job. Looked at once a day all the same. */
export const HOLD_MS = 24 * 60 * 60 * 1000;

const PAGE = 1000;

@Injectable()
export class DeliveryQueue implements OnModuleDestroy {
  private readonly logger = new Logger('DeliveryQueue');
  private readonly gathered = new Set<string>();
  private timer: NodeJS.Timeout | null = null;

  constructor(
    @InjectQueue(DELIVERY_QUEUE) private readonly queue: Queue,
    private readonly redis: Redis,
    private readonly presence: Presence,
  ) {
    queue.on('error', () => undefined);
  }

  async onModuleDestroy(): Promise<void> {
    if (this.timer !== null) clearTimeout(this.timer);
    await this.flush();
    // A polite goodbye would wait for a Redis that is away.
    if (!this.redis.isReady) await this.queue.getBackend().close(true);
  }

  /** Sees to it that there is a job for the recipient. Never fails and never waits. */
  ensure(recipientId: string): void {
    this.gathered.add(recipientId);
    this.timer ??= setTimeout(() => void this.flush(), GATHER_MS);
  }

  /** Adds a job for each recipient that has none: to be looked at soon, or held from the start for who is offline. */
  async addAll(recipientIds: readonly string[]): Promise<void> {
    if (recipientIds.length === 0) return;
    const online = await this.presence.areOnline(recipientIds);
    await this.queue.addBulk(
      recipientIds.map((recipientId, index) => {
        const delay = online[index] === true ? FIRST_LOOK_MS : HOLD_MS;
        return {
          name: 'deliver',
          data: {},
          opts: { jobId: recipientId, delay, removeOnComplete: true, removeOnFail: false },
        };
      }),
    );
  }

  /** The recipient came back: a job that was held for them is due at once. */
  async promote(recipientId: string): Promise<void> {
    if (!this.redis.isReady) return;
    try {
      const job = await this.queue.getJob(recipientId);
      if (await job?.isDelayed()) await job?.promote();
    } catch (error) {
      // It may have become due in between; the sockets deliver by themselves anyway.
      this.logger.debug({ err: error }, 'A held job was not promoted.');
    }
  }

  /** Runs again what BullMQ gave up on after its worker died too often; answers how many. */
  async retryFailed(): Promise<number> {
    const failed = await this.queue.getFailed(0, PAGE - 1);
    // Another instance may have retried one first.
    const retried = await Promise.allSettled(failed.map((job) => job.retry('failed')));
    return retried.filter(({ status }) => status === 'fulfilled').length;
  }

  /** Recipients whose jobs are held or due later, page by page. */
  async *delayed(): AsyncIterable<string[]> {
    for (let start = 0; ; start += PAGE) {
      const recipientIds = await this.queue.getRanges(['delayed'], start, start + PAGE - 1, true);
      if (recipientIds.length > 0) yield recipientIds;
      if (recipientIds.length < PAGE) return;
    }
  }

  /** How many jobs there are in each state. */
  counts(): Promise<Record<QueueState, number>> {
    return this.queue.getJobCounts(...QUEUE_STATES) as Promise<Record<QueueState, number>>;
  }

  /** For how long the first job that should have been looked at has been due, in ms; 0 where none is. */
  async overdueMs(): Promise<number> {
    const [first] = await this.queue.getDelayed(0, 0);
    if (first === undefined) return 0;
    return Math.max(0, Date.now() - (first.processedOn ?? first.timestamp) - first.delay);
  }

  /** One at a time: while Redis is slow, jobs go on gathering here, one for each recipient at most. */
  private async flush(): Promise<void> {
    const recipientIds = [...this.gathered];
    this.gathered.clear();
    // While Redis is away nothing is queued up here: the reconciler finds it all in PostgreSQL.
    if (this.redis.isReady) await this.tryToAdd(recipientIds);
    this.timer = this.gathered.size === 0 ? null : setTimeout(() => void this.flush(), GATHER_MS);
  }

  private async tryToAdd(recipientIds: readonly string[]): Promise<void> {
    try {
      await this.addAll(recipientIds);
      failpoint('enqueued');
    } catch (error) {
      this.logger.warn(
        { err: error, jobs: recipientIds.length },
        'Delivery jobs were not queued; the reconciler will.',
      );
    }
  }
}
