// Which sessions ended while their access tokens still live: known to every instance within a second, without a
// query per request, and with Redis away too.
import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { ENV, type Env } from '../../config/env.js';
import { AppError } from '../../platform/errors/app-error.js';
import { SessionRepository } from './session.repository.js';

/** A transaction may commit a while after its now(): each look reaches this much further back. */
const OVERLAP_MS = 20_000;

@Injectable()
export class SessionWatch implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('SessionWatch');
  /** Session id → when its last access token has expired and it can be forgotten (performance.now()). */
  private readonly ended = new Map<string, number>();
  private readonly listeners: ((sessionId: string) => void)[] = [];
  private readonly memoryMs: number;
  private lastLook: number | null = null;
  private timer: NodeJS.Timeout | null = null;

  constructor(
    @Inject(ENV) private readonly env: Env,
    private readonly sessions: SessionRepository,
  ) {
    this.memoryMs = env.ACCESS_TOKEN_SECONDS * 1000 + OVERLAP_MS;
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.look();
    this.timer = setInterval(() => void this.look(), this.env.SESSION_WATCH_MS);
  }

  onApplicationShutdown(): void {
    if (this.timer !== null) clearInterval(this.timer);
  }

  hasEnded(sessionId: string): boolean {
    return this.ended.has(sessionId);
  }

  /** Calls `listener` once for each session that ends, wherever it was ended. */
  onEnd(listener: (sessionId: string) => void): void {
    this.listeners.push(listener);
  }

  /** Takes note of a session that was ended here, ahead of the next look. */
  note(sessionId: string): void {
    if (this.ended.has(sessionId)) return;
    this.ended.set(sessionId, performance.now() + this.memoryMs);
    for (const listener of this.listeners) listener(sessionId);
  }

  private async look(): Promise<void> {
    const started = performance.now();
    const since = this.lastLook === null ? this.memoryMs : started - this.lastLook + OVERLAP_MS;
    try {
      for (const id of await this.sessions.findEnded(Math.min(since, this.memoryMs))) this.note(id);
      this.lastLook = started;
      for (const [id, until] of this.ended) if (until < started) this.ended.delete(id);
    } catch (error) {
      // While PostgreSQL is away nothing else is answered either; the next look reaches back to the last good one.
      if (!(error instanceof AppError)) this.logger.error(error);
    }
  }
}
