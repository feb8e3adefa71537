// How often somebody may try to sign in: enough for an owner who mistypes, too little to guess, and never so that
// strangers lock an owner out.
import { Injectable } from '@nestjs/common';
import { RateLimits } from '../../platform/limits/rate-limits.js';
import { Redis } from '../../platform/redis/redis.js';

/** How long an address that got in counts as its owner's. */
const KNOWN_SECONDS = 30 * 86_400;

@Injectable()
export class SignInLimits {
  constructor(
    private readonly limits: RateLimits,
    private readonly redis: Redis,
  ) {}

  /**
   * Counts a try, before it is known how it turns out: 100 at once are 100.
   * @throws AppError RATE_LIMITED
   */
  async take(account: string, address: string): Promise<void> {
    await this.limits.takeAddress('LIMIT_SIGN_IN_ADDRESS', address);
    await this.limits.take('LIMIT_SIGN_IN', account, address);
    if (!(await this.isKnown(account, address))) await this.limits.take('LIMIT_SIGN_IN_ACCOUNT', account);
  }

  /** It was the owner: tries from here are forgotten, and strangers cannot use up this address's. */
  async succeeded(account: string, address: string): Promise<void> {
    await this.limits.forget('LIMIT_SIGN_IN', account, address);
    await this.limits.giveBackAddress('LIMIT_SIGN_IN_ADDRESS', address);
    await this.redis.commands
      .set(this.keyOf(account, address), 1, 'EX', KNOWN_SECONDS)
      .catch(() => undefined);
  }

  private async isKnown(account: string, address: string): Promise<boolean> {
    const found = await this.redis.commands.exists(this.keyOf(account, address)).catch(() => 0);
    return found === 1;
  }

  private keyOf(account: string, address: string): string {
    return this.redis.key('known', this.limits.pseudonymOf([account, address]));
  }
}
