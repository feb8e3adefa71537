// Looks whether anybody works the delivery queue, and fast enough.
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Vitals } from '../../platform/observability/vitals.js';
import { Redis } from '../../platform/redis/redis.js';
import { DeliveryQueue } from './delivery-queue.js';

const LOOK_MS = 5000;

/** A worker takes up what is due within milliseconds, and thousands of jobs a second. */
const MANY = 1000;
const LATE_MS = 15_000;

@Injectable()
export class QueueWatch implements OnApplicationBootstrap, OnApplicationShutdown {
  private problem: string | null = null;
  private timer: NodeJS.Timeout | null = null;
  private looking = false;

  constructor(
    private readonly queue: DeliveryQueue,
    private readonly redis: Redis,
    vitals: Vitals,
  ) {
    vitals.watch(() => (this.redis.isReady ? this.problem : null));
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.look(), LOOK_MS);
  }

  onApplicationShutdown(): void {
    if (this.timer !== null) clearInterval(this.timer);
  }

  private async look(): Promise<void> {
    if (this.looking || !this.redis.isReady) return;
    this.looking = true;
    try {
      const { waiting } = await this.queue.counts();
      const overdue = await this.queue.overdueMs();
      if (waiting > MANY) this.problem = `The delivery queue is behind: ${waiting} jobs wait for a worker`;
      else if (overdue > LATE_MS)
        this.problem = `The delivery queue is behind: a job is due for ${Math.round(overdue / 1000)} s, is a worker running?`;
      else this.problem = null;
    } catch {
      // Redis went away: that is told by itself.
    } finally {
      this.looking = false;
    }
  }
}
