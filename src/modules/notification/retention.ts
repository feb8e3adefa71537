// Removes notifications that nobody needs any more: acknowledged, and read long ago. Sequences are never used again; a
// client that stands before a removed one is told to reload.
import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { ENV, type Env } from '../../config/env.js';
import { NotificationRepository } from './notification.repository.js';

/** Rows per statement: none holds its locks for long. */
const BATCH = 500;

const PASS_MS = 60 * 60 * 1000;

@Injectable()
export class Retention implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('Retention');
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<void> | null = null;
  private stopping = false;

  constructor(
    @Inject(ENV) private readonly env: Env,
    private readonly notifications: NotificationRepository,
  ) {}

  onApplicationBootstrap(): void {
    if (this.env.NOTIFICATION_RETENTION_DAYS === 0) return;
    void this.run();
    this.timer = setInterval(() => void this.run(), PASS_MS);
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopping = true;
    if (this.timer !== null) clearInterval(this.timer);
    await this.running;
  }

  /** Removes all that is due, in small batches; a pass that is under way is joined. */
  run(): Promise<void> {
    this.running ??= this.pass().finally(() => (this.running = null));
    return this.running;
  }

  private async pass(): Promise<void> {
    let removed = 0;
    try {
      for (let last = BATCH; last === BATCH && !this.stopping; removed += last)
        last = await this.notifications.removeOld(this.env.NOTIFICATION_RETENTION_DAYS, BATCH);
    } catch (error) {
      this.logger.warn({ err: error }, 'Old notifications could not be removed; trying again in an hour.');
    }
    if (removed > 0) this.logger.log(`Removed ${removed} notifications that were read long ago.`);
  }
}
