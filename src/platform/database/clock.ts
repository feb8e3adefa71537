// The time, by PostgreSQL's clock: the one clock that all instances share. An instance whose own clock is wrong would
// else refuse the tokens of the others, or make ones that live too long.
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Database } from './database.js';

const MEASURE_MS = 30_000;

@Injectable()
export class Clock implements OnApplicationBootstrap, OnApplicationShutdown {
  /** PostgreSQL's time minus this process's running time, which no change of the system's clock touches. */
  private offset = Date.now() - performance.now();
  private timer: NodeJS.Timeout | null = null;

  constructor(private readonly db: Database) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.measure();
    this.timer = setInterval(() => void this.measure(), MEASURE_MS);
  }

  onApplicationShutdown(): void {
    if (this.timer !== null) clearInterval(this.timer);
  }

  /** Milliseconds since 1970. */
  now(): number {
    return performance.now() + this.offset;
  }

  private async measure(): Promise<void> {
    try {
      const asked = performance.now();
      const [row] = await this.db.query<{ now: Date }>('SELECT clock_timestamp() AS now');
      // Asked and answered: the truth lies in the middle.
      if (row !== undefined) this.offset = row.now.getTime() - (asked + performance.now()) / 2;
    } catch {
      // While PostgreSQL is away nothing is served either; the old offset still holds.
    }
  }
}
