// How many SQL statements a request costs, counted by PostgreSQL itself while nothing is timed.
import { request } from 'undici';
import type { RunningPostgres } from '../scripts/services/postgres.js';
import { addMovable, administer, query, restore } from './data.js';
import { messageFor, mustBeGood } from './load.js';
import type { Entrant } from './measure.js';
import type { Workload } from './workloads.js';

/** What PostgreSQL must be started with. */
export const COUNTING = 'shared_preload_libraries=pg_stat_statements';

const REQUESTS = 100;

/** What runs by itself now and then is not part of a request. */
const BACKGROUND =
  'revoked_at > now|FROM inbox WHERE recipient_id = ANY|RECURSIVE waiting|oldestSequence|pg_stat_statements';

/** PostgreSQL counts only while we ask it to: counting costs, and nobody's turn shall pay for it. */
export async function setCounting(postgres: RunningPostgres, on: boolean): Promise<void> {
  await administer(
    postgres,
    `ALTER SYSTEM SET pg_stat_statements.track = '${on ? 'top' : 'none'}'`,
    'SELECT pg_reload_conf()',
    // Sessions take it over at their next statement.
    'SELECT pg_sleep(0.2)',
  );
}

/** Statements for one request, COMMIT and BEGIN among them, to a tenth. */
export async function statementsPerRequest(
  postgres: RunningPostgres,
  { contestant, data, pools }: Entrant,
  workload: Workload,
): Promise<number> {
  if (workload.movablePerSecond !== undefined) await addMovable(data, REQUESTS);
  pools.refill(REQUESTS);
  await setCounting(postgres, true);
  await query(data.url, 'SELECT pg_stat_statements_reset()');
  for (let n = 0; n < REQUESTS; n++) {
    const draw = workload.draw(pools);
    for (let step = 0; step < workload.steps.length; step++) {
      const { path, ...message } = messageFor(contestant, workload, step, draw);
      const { statusCode, body } = await request(`${contestant.url}${path}`, message);
      mustBeGood(contestant, workload, statusCode, await body.text());
    }
  }
  const [counted] = await query<{ calls: number }>(
    data.url,
    `SELECT coalesce(sum(calls), 0)::int AS calls FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid
     WHERE d.datname = current_database() AND query !~ '${BACKGROUND}'`,
  );
  await setCounting(postgres, false);
  if (workload.writes) await restore(data);
  return Math.round(((counted?.calls ?? 0) * 10) / (REQUESTS * workload.steps.length)) / 10;
}
