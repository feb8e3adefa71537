// Makes the queue what PostgreSQL says it should be: adds jobs that were never added or were lost with Redis, takes up
// those that were given up on, and lets those go that have nothing left to do.
import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { ENV, type Env } from '../../config/env.js';
import { Vitals } from '../../platform/observability/vitals.js';
import { Redis } from '../../platform/redis/redis.js';
import { DeliveryQueue } from './delivery-queue.js';
import { NotificationRepository } from './notification.repository.js';

const BATCH = 1000;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';

@Injectable()
export class Reconciler implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('Reconciler');
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<void> | null = null;
  private lastPass = performance.now();

  constructor(
    @Inject(ENV) private readonly env: Env,
    private readonly redis: Redis,
    private readonly notifications: NotificationRepository,
    private readonly queue: DeliveryQueue,
    vitals: Vitals,
  ) {
    vitals.watch(() => this.problem());
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.run(), this.env.DELIVERY_RECONCILE_SECONDS * 1000);
    // A Redis that comes back may have come back empty.
    this.redis.commands.on('ready', () => void this.run());
  }

  async onApplicationShutdown(): Promise<void> {
    if (this.timer !== null) clearInterval(this.timer);
    await this.running;
  }

  /** One pass over everybody with something unconfirmed; a pass that is under way is joined. */
  run(): Promise<void> {
    this.running ??= this.pass().finally(() => (this.running = null));
    return this.running;
  }

  private async pass(): Promise<void> {
    if (!this.redis.isReady) return;
    try {
      const retried = await this.queue.retryFailed();
      if (retried > 0) this.logger.warn(`Took up ${retried} deliveries again that had failed.`);
      for (let after = FIRST_ID; ;) {
        const waiting = await this.notifications.findWaiting(after, BATCH);
        await this.queue.addAll(waiting);
        const last = waiting.at(-1);
        if (last === undefined || waiting.length < BATCH) break;
        after = last;
      }
      await this.releaseHeld();
      this.lastPass = performance.now();
    } catch (error) {
      this.logger.warn({ err: error }, 'The queue could not be reconciled; trying again at the next turn.');
    }
  }

  /** A job is held until its recipient comes back; they may have done so while Redis could not tell it. */
  private async releaseHeld(): Promise<void> {
    for await (const recipientIds of this.queue.delayed()) {
      for (const recipientId of await this.notifications.findServed(recipientIds))
        await this.queue.promote(recipientId);
    }
  }

  private problem(): string | null {
    const seconds = Math.round((performance.now() - this.lastPass) / 1000);
    const tooLate = seconds > this.env.DELIVERY_RECONCILE_SECONDS * 2 + 10;
    return tooLate ? `The delivery queue was last compared with PostgreSQL ${seconds} s ago` : null;
  }
}
