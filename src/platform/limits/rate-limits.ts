// How often is too often. Tries to sign in are counted in Redis, for all instances together; while Redis is away, and
// for everything that happens with every request, each process counts for itself.
import { createHmac } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { Inject, Injectable } from '@nestjs/common';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { ENV, type Env } from '../../config/env.js';
import { AppError } from '../errors/app-error.js';
import { Redis } from '../redis/redis.js';

/** The limits, by the setting that holds each. */
export type Limit = Extract<keyof Env, `LIMIT_${string}`>;

type Limiter = Pick<RateLimiterRedis, 'consume' | 'reward' | 'delete'>;

/** Counted for each process alone: a round trip to Redis with every request would cost more than it is worth. */
const LOCAL: ReadonlySet<Limit> = new Set<Limit>(['LIMIT_OPERATIONS_USER', 'LIMIT_OPERATIONS_ADDRESS']);

@Injectable()
export class RateLimits {
  private readonly limiters = new Map<Limit, Limiter>();

  constructor(
    @Inject(ENV) private readonly env: Env,
    private readonly redis: Redis,
  ) {}

  /**
   * Counts one more try.
   * @throws AppError RATE_LIMITED, with the seconds to wait
   */
  async take(limit: Limit, ...who: string[]): Promise<void> {
    if (this.env.RATE_LIMITS === 'off') return;
    try {
      await this.limiter(limit).consume(this.pseudonymOf(who));
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      throw new RateLimited(Math.max(1, Math.ceil(refusal.msBeforeNext / 1000)));
    }
  }

  /** The same for an address; one's own machine is not limited in development. */
  async takeAddress(limit: Limit, address: string): Promise<void> {
    if (this.env.RATE_LIMITS === 'off') return;
    if (this.env.NODE_ENV === 'development' && LOOPBACK.test(address)) return;
    await this.take(limit, networkOf(address));
  }

  /** A try from this address that turned out well counts no longer. */
  async giveBackAddress(limit: Limit, address: string): Promise<void> {
    if (this.env.RATE_LIMITS === 'off') return;
    await this.limiter(limit).reward(this.pseudonymOf([networkOf(address)]));
  }

  /** Forgets every try. */
  async forget(limit: Limit, ...who: string[]): Promise<void> {
    if (this.env.RATE_LIMITS === 'off') return;
    await this.limiter(limit).delete(this.pseudonymOf(who));
  }

  /** Stands for somebody in Redis, which is to hold no addresses, neither of mail nor of machines. */
  pseudonymOf(who: readonly string[]): string {
    return createHmac('sha256', this.env.JWT_SECRET).update(who.join(' ')).digest('base64url');
  }

  private limiter(limit: Limit): Limiter {
    const made = this.limiters.get(limit) ?? this.make(limit);
    this.limiters.set(limit, made);
    return made;
  }

  private make(limit: Limit): Limiter {
    const { points, seconds: duration } = this.env[limit];
    const memory = new RateLimiterMemory({ points, duration });
    if (LOCAL.has(limit)) return memory;
    return new RateLimiterRedis({
      storeClient: this.redis.commands,
      keyPrefix: this.redis.key('limit', limit),
      points,
      duration,
      insuranceLimiter: memory,
      rejectIfRedisNotReady: true,
    });
  }
}

/** RATE_LIMITED, and how long to wait. */
export class RateLimited extends AppError {
  constructor(readonly retryAfterSeconds: number) {
    super('RATE_LIMITED', `Too many tries. Please wait ${retryAfterSeconds} s.`);
  }
}

const LOOPBACK = /^(127\.|::1$|::ffff:127\.)/;

/** Whoever has one IPv6 address has 2^64 of them: they count as one. */
export function networkOf(address: string): string {
  if (!isIPv6(address) || address.startsWith('::ffff:')) return address;
  const [head = '', tail = ''] = address.split('::');
  const groups = head.split(':').filter((group) => group !== '');
  const after = tail.split(':').filter((group) => group !== '');
  const zeros = address.includes('::') ? 8 - groups.length - after.length : 0;
  return [...groups, ...Array<string>(Math.max(0, zeros)).fill('0'), ...after].slice(0, 4).join(':');
}
