// What is in the delivery queue and who is waiting to be told, in plain words. Ids only: nothing personal.
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Redis } from '../../platform/redis/redis.js';
import { DELIVERY_QUEUE, DeliveryQueue } from './delivery-queue.js';
import { type Backlog, NotificationRepository } from './notification.repository.js';
import { Presence } from './presence.js';

/** Most recipients that are listed. */
const LONGEST_LIST = 100;

const PATIENCE_MS = 2000;

@Injectable()
export class QueueReport {
  constructor(
    private readonly notifications: NotificationRepository,
    private readonly presence: Presence,
    private readonly queue: DeliveryQueue,
    private readonly redis: Redis,
  ) {}

  /** What the queue holds; null where Redis is away. */
  async jobs(): Promise<string | null> {
    for (let waited = 0; !this.redis.isReady && waited < PATIENCE_MS; waited += 20) await sleep(20);
    if (!this.redis.isReady) return null;
    const { delayed, waiting, active, failed } = await this.queue.counts();
    return table([
      ['queue', 'held', 'waiting', 'active', 'failed'],
      [DELIVERY_QUEUE, ...[delayed, waiting, active, failed].map(String)],
    ]);
  }

  /**
   * How many notifications wait for each recipient who is offline.
   * @throws AppError UNAVAILABLE where PostgreSQL is away
   */
  async recipients(): Promise<string> {
    const all = await this.notifications.findBacklogs(LONGEST_LIST + 1);
    const listed = all.slice(0, LONGEST_LIST);
    const online = await Promise.all(listed.map(({ recipientId }) => this.isOnline(recipientId)));
    const offline = listed.filter((_, index) => online[index] !== true);
    const lines = [
      offline.length === 0
        ? 'No notification waits for anybody who is offline.'
        : table([
            ['recipient', 'waiting', 'since (UTC)'],
            ...offline.map(({ recipientId, waiting, since }: Backlog) => [
              recipientId,
              String(waiting),
              since.toISOString().slice(0, 19).replace('T', ' '),
            ]),
          ]),
    ];
    if (online.includes(null)) lines.push('Who of them is connected is unknown while Redis is away.');
    if (all.length > LONGEST_LIST)
      lines.push(`More wait than these; listed are the ${LONGEST_LIST} with most.`);
    const connected = listed.length - offline.length;
    if (connected > 0) lines.push(`Connected and being told right now: ${connected}.`);
    return lines.join('\n');
  }

  /** null: nobody knows. */
  private isOnline(recipientId: string): Promise<boolean | null> {
    return this.presence.isOnline(recipientId).catch(() => null);
  }
}

function table(rows: readonly string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
