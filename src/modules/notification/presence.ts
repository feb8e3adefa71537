// Who is connected: per user, the set of socket ids in Redis, each with a time to live that heartbeats renew. All
// times are Redis's own, so that a wrong clock on an instance lies to nobody.
import { Inject, Injectable } from '@nestjs/common';
import { ENV, type Env } from '../../config/env.js';
import { Redis } from '../../platform/redis/redis.js';

const NOW = `local time = redis.call('TIME'); local now = time[1] * 1000 + math.floor(time[2] / 1000)`;

/** KEYS the users' sets, ARGV[1] time to live in ms, ARGV[2…] the socket ids of each, with blanks between them. */
const BEAT = `${NOW}
  for i, key in ipairs(KEYS) do
    for id in string.gmatch(ARGV[i + 1], '%S+') do redis.call('ZADD', key, now + ARGV[1], id) end
    redis.call('ZREMRANGEBYSCORE', key, '-inf', now)
    redis.call('PEXPIRE', key, ARGV[1])
  end`;

/** KEYS the users' sets. Answers for each how many sockets are alive. */
const COUNT = `${NOW}
  local counts = {}
  for i, key in ipairs(KEYS) do counts[i] = redis.call('ZCOUNT', key, now, '+inf') end
  return counts`;

/** Users in one command. */
const PIECE = 200;

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

  /** These users' sockets are connected, as of now; `socketIdsOf` is asked the moment before Redis is told. */
  async beat(userIds: readonly string[], socketIdsOf: (userId: string) => string[]): Promise<void> {
    // In pieces: neither Redis nor this process is held up by ten thousand at once.
    for (let start = 0; start < userIds.length; start += PIECE) {
      const piece = userIds.slice(start, start + PIECE);
      const keys = piece.map((userId) => this.keyOf(userId));
      const socketIds = piece.map((userId) => socketIdsOf(userId).join(' '));
      await this.redis.commands.eval(BEAT, keys.length, ...keys, this.ttlMs, ...socketIds);
    }
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
