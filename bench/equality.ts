// Whether all contestants answer the same, and leave the same rows behind: checked before anything is timed.
import { deepStrictEqual } from 'node:assert';
import { request } from 'undici';
import type { Contestant } from './contestant.js';
import { addMovable, type DataSet, query, restore } from './data.js';
import { messageFor, mustBeGood } from './load.js';
import type { Draw, Pools, Workload } from './workloads.js';

/** Names that may differ: what is random, or the time of the writing, or opaque. */
const OWN = new Set(['endCursor']);
const OWN_OF_WRITES = new Set([...OWN, 'createdAt']);

interface Outcome {
  answers: unknown[];
  rows: unknown[];
}

/** Asks every contestant the same `count` random requests. @throws Error naming who answers differently, and how */
export async function mustAgree(
  contestants: readonly Contestant[],
  workload: Workload,
  data: DataSet,
  pools: Pools,
  count: number,
): Promise<void> {
  pools.refill(count);
  const draws = Array.from({ length: count }, () => workload.draw(pools));
  const [first, ...others] = contestants;
  if (first === undefined) return;
  const expected = await outcomeOf(first, workload, data, draws);
  if (expected.answers.every((answer) => JSON.stringify(answer).length < 20)) {
    throw new Error(`${first.name} has nothing to answer in ${workload.name}.`);
  }
  for (const other of others) {
    try {
      deepStrictEqual(await outcomeOf(other, workload, data, draws), expected);
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      throw new Error(`${other.name} and ${first.name} do not do the same in ${workload.name}: ${words}`);
    }
  }
}

async function outcomeOf(
  contestant: Contestant,
  workload: Workload,
  data: DataSet,
  draws: readonly Draw[],
): Promise<Outcome> {
  if (workload.movablePerSecond !== undefined) await addMovable(data, draws.length);
  const answers: unknown[] = [];
  for (const draw of draws) {
    for (let step = 0; step < workload.steps.length; step++) {
      const { path, ...message } = messageFor(contestant, workload, step, draw);
      const { statusCode, body } = await request(`${contestant.url}${path}`, message);
      const text = await body.text();
      mustBeGood(contestant, workload, statusCode, text);
      answers.push(comparable(contestant, workload, JSON.parse(text)));
    }
  }
  const rows = workload.writes ? await written(data) : [];
  if (workload.writes) await restore(data);
  return { answers, rows };
}

/** The data of an answer, without the envelope and what may differ. */
function comparable({ name }: Contestant, { writes, movablePerSecond }: Workload, parsed: unknown): unknown {
  const [envelope] =
    name === 'floor' ? [] : Object.values((parsed as { data: Record<string, { data: unknown }> }).data);
  const own = writes ? OWN_OF_WRITES : OWN;
  const isNew = writes && movablePerSecond === undefined;
  return JSON.parse(
    JSON.stringify(envelope === undefined ? parsed : envelope.data, (key, value: unknown) =>
      own.has(key) || (isNew && key === 'id') ? undefined : value,
    ),
    // The order of fields is not part of an answer.
    (_, value: unknown) =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
        : value,
  );
}

/** What was made since the data set was loaded: bookings, and what their people were told. */
function written({ url, loadedAt }: DataSet): Promise<object[]> {
  return query(
    url,
    `SELECT b.status, k.status AS "keyStatus", b.place_id, b.landlord_id, b.tenant_id, b.check_in::text, b.check_out::text,
            b.guests, b.total_amount, b.currency, b.note, b.version, b.cancelled_by, b.activated_at IS NULL AS "neverActive",
            array_agg(concat_ws(' ', n.recipient_id, n.sequence, n.type, n.message, n.booking_version, n.place_id,
                                n.booking_status, n.check_in, n.check_out, i.last_sequence) ORDER BY n.booking_version) AS told
     FROM booking b JOIN booking_key k ON k.id = b.id
     LEFT JOIN notification n ON n.booking_id = b.id LEFT JOIN inbox i ON i.recipient_id = n.recipient_id
     WHERE b.created_at > $1
     GROUP BY b.id, b.status, k.status
     ORDER BY b.place_id, b.check_in, b.check_out, b.tenant_id`,
    [loadedAt],
  );
}
