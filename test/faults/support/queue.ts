// The delivery queue as Redis holds it.
import { Queue } from 'bullmq';
import type { Stores } from './stores.js';

/** How many jobs there are in each state. */
export async function queueCounts({ redisUrl }: Pick<Stores, 'redisUrl'>): Promise<Record<string, number>> {
  const queue = new Queue('delivery', { connection: { url: redisUrl }, prefix: 'roost:queue' });
  try {
    return await queue.getJobCounts('delayed', 'waiting', 'active', 'failed', 'completed');
  } finally {
    await queue.close();
  }
}
