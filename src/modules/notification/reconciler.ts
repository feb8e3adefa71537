// Rebuilds the queue from PostgreSQL: jobs that were never added, were lost with Redis, or were given up on.
import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { ENV, type Env } from '../../config/env.js';
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

  constructor(
    @Inject(ENV) private readonly env: Env,
    private readonly redis: Redis,
    private readonly notifications: NotificationRepository,
    private readonly queue: DeliveryQueue,
  ) {}

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
        if (last === undefined || waiting.length < BATCH) return;
        after = last;
      }
    } catch (error) {
      this.logger.warn({ err: error }, 'The queue could not be reconciled; trying again at the next turn.');
    }
  }
}
