// Who is connected: per user, the set of socket ids in Redis, each with a time to live that heartbeats renew. All
// times are Redis's own, so that a wrong clock on an instance lies to nobody.
import { Inject, Injectable } from '@nestjs/common';
import { ENV, type Env } from '../../config/env.js';
import { Redis } from '../../platform/redis/redis.js';

const NOW = `local time = redis.call('TIME'); local now = time[1] * 1000 + math.floor(time[2] / 1000)`;

/** KEYS[1] the user's set, ARGV[1] time to live in ms, ARGV[2…] socket ids. */
const BEAT = `${NOW}
  for i = 2, #ARGV do redis.call('ZADD', KEYS[1], now + ARGV[1], ARGV[i]) end
  redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
  redis.call('PEXPIRE', KEYS[1], ARGV[1])`;

/** KEYS the users' sets. Answers for each how many sockets are alive. */
const COUNT = `${NOW}
  local counts = {}
  for i, key in ipairs(KEYS) do counts[i] = redis.call('ZCOUNT', key, now, '+inf') end
  return counts`;

@Injectable()
export class Presence {
  /** How often sockets must beat: three times within their time to live. */
  readonly beatMs: number;
  private readonly ttlMs: number;

  constructor(
    @Inject(ENV) env: Env,
    private readonly redis: Redis,
  ) {
    this.ttlMs = env.PRESENCE_TTL_SECONDS * 1000;
    this.beatMs = this.ttlMs / 3;
  }

  /** These sockets of the user are connected, as of now. */
  async beat(userId: string, socketIds: readonly string[]): Promise<void> {
    await this.redis.commands.eval(BEAT, 1, this.keyOf(userId), this.ttlMs, ...socketIds);
  }

  /** This socket is gone; others of the user stay, also ones that came later. */
  async remove(userId: string, socketId: string): Promise<void> {
    await this.redis.commands.zrem(this.keyOf(userId), socketId);
  }

  /** Whether any socket of the user is connected, on any instance. */
  async isOnline(userId: string): Promise<boolean> {
    const [isOnline = false] = await this.areOnline([userId]);
    return isOnline;
  }

  /** The same of many users, in their order. */
  async areOnline(userIds: readonly string[]): Promise<boolean[]> {
    const keys = userIds.map((userId) => this.keyOf(userId));
    const counts = (await this.redis.commands.eval(COUNT, keys.length, ...keys)) as number[];
    return counts.map((count) => count > 0);
  }

  private keyOf(userId: string): string {
    return this.redis.key('presence', userId);
  }
}
