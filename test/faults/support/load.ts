// Guests and landlords at work: bookings asked for, changed, accepted and called off through the API, each try that
// ended without an answer repeated with the same idempotency key.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Api, type Json } from '../../support/api.js';
import { inDays, type Person } from '../../support/world.js';

/** Refusals that racing bookings earn by right. */
const FAIR = new Set(['DATES_TAKEN', 'ILLEGAL_TRANSITION']);

export interface Household {
  landlord: Person;
  tenant: Person;
  placeId: string;
}

export class Load {
  /** Key → booking, for every request that was answered with CREATED. */
  readonly answered = new Map<string, string>();
  /** Answers that nobody should ever get. */
  readonly wrong: string[] = [];
  /** Tries that ended with UNAVAILABLE or without an answer. */
  unanswered = 0;
  /** Milliseconds that answered tries took. */
  readonly took: number[] = [];
  private stopped = false;
  private turn = 0;
  private readonly workers: Promise<void>[] = [];

  constructor(
    private readonly urls: () => readonly string[],
    private readonly options: { pauseMs?: number } = {},
  ) {}

  start(households: readonly Household[]): this {
    for (const household of households) this.workers.push(this.work(household));
    return this;
  }

  /** Ends after the requests under way. */
  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.workers);
  }

  /** One request for a stay, repeated until it is answered; answers the booking's id. */
  async ask({ tenant, placeId }: Household, key: string = randomUUID()): Promise<string | null> {
    const from = 1 + Math.floor(Math.random() * 700);
    const input = {
      placeId,
      checkIn: inDays(from),
      checkOut: inDays(from + 1),
      guests: 1,
      idempotencyKey: key,
    };
    const reply = await this.untilAnswered('createPendingBooking', { input }, tenant);
    if (reply?.data == null) return null;
    this.answered.set(key, reply.data.id as string);
    return reply.data.id as string;
  }

  private async work(household: Household): Promise<void> {
    const { landlord, tenant } = household;
    while (!this.stopped) {
      const id = await this.ask(household);
      const chance = Math.random();
      if (id !== null && chance < 0.5) {
        if (chance < 0.15)
          await this.untilAnswered('updatePendingBooking', { input: { id, guests: 2 } }, tenant);
        await this.untilAnswered('activatePendingBooking', { id }, landlord);
        const [operation, by] =
          chance < 0.3
            ? (['cancelActiveBooking', landlord] as const)
            : (['cancelPendingBooking', tenant] as const);
        await this.untilAnswered(operation, { id }, by);
      }
      if (this.options.pauseMs !== undefined) await sleep(this.options.pauseMs * (0.5 + Math.random()));
    }
  }

  private async untilAnswered(operation: string, args: Json, by: Person): Promise<Json> {
    for (let tries = 1; tries < 2000; tries++) {
      const urls = this.urls();
      const started = performance.now();
      try {
        const reply = await new Api(urls[this.turn++ % urls.length] ?? '').call(operation, args, by.token);
        this.took.push(performance.now() - started);
        if (reply.code !== 'UNAVAILABLE') {
          if (reply.code !== null && !FAIR.has(reply.code))
            this.wrong.push(`${operation}: ${reply.code} ${reply.message}`);
          return reply;
        }
        this.unanswered++;
      } catch {
        this.unanswered++;
      }
      if (this.stopped && tries > 200) break;
      await sleep(50);
    }
    this.wrong.push(`${operation} was never answered`);
    return null;
  }
}
