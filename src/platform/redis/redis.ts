// Redis for presence and wake-ups. Everything in it may vanish at any moment; nothing here is the truth.
import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { Redis as Client, type RedisOptions } from 'ioredis';
import { ENV, type Env } from '../../config/env.js';
import { Vitals } from '../observability/vitals.js';

/** Fails at once while Redis is away: whoever asks goes on without it, and PostgreSQL makes up for it later. */
const FAIL_FAST: RedisOptions = {
  enableOfflineQueue: false,
  maxRetriesPerRequest: 1,
  connectTimeout: 2000,
  commandTimeout: 2000,
  retryStrategy: (tries) => Math.min(tries * 100, 1000),
};

@Injectable()
export class Redis implements OnApplicationShutdown {
  readonly commands: Client;
  readonly subscriber: Client;
  private readonly logger = new Logger('Redis');

  constructor(
    @Inject(ENV) private readonly env: Env,
    vitals: Vitals,
  ) {
    this.commands = new Client(env.REDIS_URL, FAIL_FAST);
    // Subscriptions wait for the connection and are renewed with it.
    this.subscriber = new Client(env.REDIS_URL, {
      ...FAIL_FAST,
      enableOfflineQueue: true,
      maxRetriesPerRequest: null,
      commandTimeout: undefined,
    });
    for (const client of [this.commands, this.subscriber]) client.on('error', () => undefined);
    this.commands.on('ready', () => void this.warnOfSettings());
    vitals.watch(() => (this.isReady ? null : 'Redis cannot be reached: live notifications come late'));
  }

  onApplicationShutdown(): void {
    this.commands.disconnect();
    this.subscriber.disconnect();
  }

  get isReady(): boolean {
    return this.commands.status === 'ready';
  }

  /** A key or channel of ours. */
  key(...parts: string[]): string {
    return [this.env.REDIS_PREFIX, ...parts].join(':');
  }

  private async warnOfSettings(): Promise<void> {
    for (const problem of await this.settingProblems()) this.logger.warn(problem);
  }

  /** Settings under which Redis could drop queue jobs. Nothing would be lost for good, but it would come late. */
  private async settingProblems(): Promise<string[]> {
    try {
      const [[, policy], [, aof]] = (await Promise.all([
        this.commands.config('GET', 'maxmemory-policy'),
        this.commands.config('GET', 'appendonly'),
      ])) as [[string, string], [string, string]];
      return [
        ...(policy === 'noeviction'
          ? []
          : [`Redis has maxmemory-policy ${policy}; set it to noeviction, or it may drop queue jobs.`]),
        ...(aof === 'yes'
          ? []
          : ['Redis has appendonly no; set it to yes, or a restart empties the delivery queue.']),
      ];
    } catch {
      // Hosted services often forbid CONFIG.
      return [];
    }
  }
}
