// The queue of deliveries: one job for each recipient with something unconfirmed, holding nothing but their id.
// It may be wiped at any moment; the reconciler rebuilds it from PostgreSQL.
import { InjectQueue } from '@nestjs/bullmq';
import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { Redis } from '../../platform/redis/redis.js';

export const DELIVERY_QUEUE = 'delivery';

/** New jobs are gathered this long and sent to Redis together. */
const GATHER_MS = 20;

/** A connected client has usually confirmed by then, and the job has nothing left to do. */
const FIRST_LOOK_MS = 1000;

@Injectable()
export class DeliveryQueue implements OnModuleDestroy {
  private readonly logger = new Logger('DeliveryQueue');
  private readonly gathered = new Set<string>();
  private timer: NodeJS.Timeout | null = null;

  constructor(
    @InjectQueue(DELIVERY_QUEUE) private readonly queue: Queue,
    private readonly redis: Redis,
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

  /** Adds a job for each recipient that has none. */
  async addAll(recipientIds: readonly string[]): Promise<void> {
    const jobs = recipientIds.map((recipientId) => ({
      name: 'deliver',
      data: {},
      opts: { jobId: recipientId, delay: FIRST_LOOK_MS, removeOnComplete: true, removeOnFail: false },
    }));
    if (jobs.length > 0) await this.queue.addBulk(jobs);
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

  /** Runs again what BullMQ gave up on after its worker died too often. */
  async retryFailed(): Promise<number> {
    const failed = await this.queue.getFailed(0, 999);
    for (const job of failed) await job.retry('failed');
    return failed.length;
  }

  private async flush(): Promise<void> {
    this.timer = null;
    const recipientIds = [...this.gathered];
    this.gathered.clear();
    // While Redis is away nothing is queued up here: the reconciler finds it all in PostgreSQL.
    if (!this.redis.isReady) return;
    try {
      await this.addAll(recipientIds);
    } catch (error) {
      this.logger.warn(
        { err: error, jobs: recipientIds.length },
        'Delivery jobs were not queued; the reconciler will.',
      );
    }
  }
}
