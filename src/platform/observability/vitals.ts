// How this process is doing: whoever can fall behind says so here; /health/ready names it, and the log tells when it
// begins and ends.
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';

/** Answers what is wrong, as one plain sentence, or null. Cheap, and never fails. */
type Check = () => string | null;

const LOOK_MS = 1000;

@Injectable()
export class Vitals implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('Vitals');
  /** By check: what it said last. */
  private readonly checks = new Map<Check, string | null>();
  private timer: NodeJS.Timeout | null = null;

  onApplicationBootstrap(): void {
    this.look();
    this.timer = setInterval(() => {
      this.look();
    }, LOOK_MS);
  }

  onApplicationShutdown(): void {
    if (this.timer !== null) clearInterval(this.timer);
  }

  watch(check: Check): void {
    this.checks.set(check, null);
  }

  /** What is wrong now; empty where nothing is. */
  problems(): string[] {
    return [...this.checks.keys()].flatMap((check) => check() ?? []);
  }

  private look(): void {
    for (const [check, before] of this.checks) {
      const problem = check();
      // The same trouble is told once, though its numbers change.
      if (problem !== null && before === null) this.logger.warn(`${problem}.`);
      if (problem === null && before !== null) this.logger.log(`Over: ${before}.`);
      this.checks.set(check, problem);
    }
  }
}
