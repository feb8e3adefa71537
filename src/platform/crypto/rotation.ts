// Moves stored data from older keys to the current ones, in small batches, while servers read and write it.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Sql } from '../database/database.js';
import { BadSettings } from '../../config/env.js';
import { EmailIndex } from './email-index.js';
import { checkKeys, forgetOldKeys, type KeyRings } from './key-check.js';
import type { KeyRing } from './key-ring.js';
import { type PersonalData, SEALED_COLUMNS } from './sealed-columns.js';
import { Sealer, Unreadable } from './sealer.js';

/** Rows read, and then changed by one statement of its own: whoever wants one of them waits for milliseconds at most. */
const BATCH = 200;

/** Rows that somebody held locked or changed meanwhile are met again in the next pass. */
const MAX_PASSES = 5;
const PASS_PAUSE_MS = 200;

const PROGRESS_MS = 1000;
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

type Say = (sentence: string) => void;

/** One row as it is stored, and what the new value is made from. */
interface OldRow {
  rowId: string;
  old: Buffer;
  sealed: Buffer;
}

/** One column to move. */
interface Task {
  name: string;
  table: string;
  column: string;
  row: string;
  ring: KeyRing;
  /** The lock that an update of the column takes: stronger where it is unique. */
  lock: 'NO KEY UPDATE' | 'UPDATE';
  /** The batch of rows after $1 that do not begin with $2, at most $3. */
  find: string;
  renew: (row: OldRow) => Buffer;
}

/**
 * @returns whether nothing is left under an older key
 * @throws BadSettings where the keys are not those of the database
 */
export async function rotateKeys(sql: Sql, rings: KeyRings, say: Say): Promise<boolean> {
  const problems = await checkKeys(sql, rings);
  if (problems.length > 0) throw new BadSettings(problems);
  let left = 0;
  for (const task of tasks(rings)) left += await move(sql, task, say);
  if (left > 0) {
    say(
      `${left} values are not under the current keys yet. Do all servers run with these settings? Once they do, run ` +
        'this again, and keep the old keys until it says that nothing is left.',
    );
    return false;
  }
  const forgotten = await forgetOldKeys(sql, rings);
  const { DATA_KEYS, EMAIL_INDEX_KEYS } = rings;
  say(`Everything is under the current keys, ${DATA_KEYS.current.id} and ${EMAIL_INDEX_KEYS.current.id}.`);
  if (forgotten.length > 0) say(`No longer needed: ${forgotten.join(', ')}. Take them out of the settings.`);
  return true;
}

function tasks({ DATA_KEYS, EMAIL_INDEX_KEYS }: KeyRings): Task[] {
  const sealer = new Sealer(DATA_KEYS);
  const emails = new EmailIndex(EMAIL_INDEX_KEYS);
  const kinds = Object.keys(SEALED_COLUMNS) as PersonalData[];
  return [
    ...kinds.map((kind): Task => {
      const { table, column, row } = SEALED_COLUMNS[kind];
      return {
        ...{ name: `${table}.${column}`, table, column, row, ring: DATA_KEYS, lock: 'NO KEY UPDATE' },
        find: `SELECT t.${row} AS "rowId", t.${column} AS old, t.${column} AS sealed FROM ${table} t
               WHERE t.${row} > $1 AND substr(t.${column}, 1, length($2::bytea)) <> $2 ORDER BY t.${row} LIMIT $3`,
        renew: ({ rowId, sealed }) => sealer.seal(kind, rowId, sealer.open(kind, rowId, sealed)),
      };
    }),
    {
      ...{ name: 'user_key.email_index', table: 'user_key', column: 'email_index', row: 'id' },
      ring: EMAIL_INDEX_KEYS,
      lock: 'UPDATE',
      find: `SELECT k.id AS "rowId", k.email_index AS old, u.email_sealed AS sealed
             FROM user_key k JOIN users u ON u.id = k.id AND u.role = k.role
             WHERE k.id > $1 AND substr(k.email_index, 1, length($2::bytea)) <> $2 ORDER BY k.id LIMIT $3`,
      renew: ({ rowId, sealed }) => emails.of(sealer.open('email', rowId, sealed)),
    },
  ];
}

/** Moves one column; answers how many of its values are still under older keys. */
async function move(sql: Sql, task: Task, say: Say): Promise<number> {
  const total = await countOld(sql, task);
  if (total === 0) {
    say(`${task.name}: nothing to do.`);
    return 0;
  }
  const progress = new Progress(task.name, total, say);
  let unreadable = 0;
  for (let pass = 1, skipped = 1; skipped > 0 && pass <= MAX_PASSES; pass++) {
    if (pass > 1) await sleep(PASS_PAUSE_MS);
    skipped = unreadable = 0;
    for await (const rows of batches(sql, task)) {
      const renewed = rows.flatMap((row) => renewOrTell(task, row, say));
      const replaced = await replace(sql, task, renewed);
      unreadable += rows.length - renewed.length;
      skipped += renewed.length - replaced;
      progress.add(replaced);
    }
  }
  const left = await countOld(sql, task);
  const trouble = unreadable > 0 ? `, ${unreadable} of them unreadable` : '';
  say(`${task.name}: ${progress.moved} done, ${left} left${trouble}.`);
  return left;
}

/** Everything under older keys, by row. */
async function* batches(sql: Sql, { find, ring }: Task): AsyncGenerator<OldRow[]> {
  let after: string | undefined = BEFORE_ALL;
  while (after !== undefined) {
    const rows: OldRow[] = await sql.query<OldRow>(find, [after, ring.current.prefix, BATCH]);
    if (rows.length > 0) yield rows;
    after = rows.at(-1)?.rowId;
  }
}

function renewOrTell(task: Task, row: OldRow, say: Say): { row: OldRow; fresh: Buffer }[] {
  try {
    return [{ row, fresh: task.renew(row) }];
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    say(error.message);
    return [];
  }
}

/** Replaces what is still as it was read. It never waits for a row, so that it is part of no deadlock. */
async function replace(
  sql: Sql,
  { table, column, row: rowName, lock }: Task,
  renewed: readonly { row: OldRow; fresh: Buffer }[],
): Promise<number> {
  const rows = await sql.query(
    `WITH batch AS (SELECT * FROM unnest($1::uuid[], $2::bytea[], $3::bytea[]) AS b (row_id, old, fresh)),
     free AS (
       SELECT t.${rowName} AS row_id FROM ${table} t JOIN batch b ON t.${rowName} = b.row_id AND t.${column} = b.old
       FOR ${lock} OF t SKIP LOCKED
     )
     UPDATE ${table} t SET ${column} = b.fresh FROM batch b JOIN free f ON f.row_id = b.row_id
     WHERE t.${rowName} = b.row_id AND t.${column} = b.old
     RETURNING b.row_id`,
    [
      renewed.map(({ row }) => row.rowId),
      renewed.map(({ row }) => row.old),
      renewed.map(({ fresh }) => fresh),
    ],
  );
  return rows.length;
}

async function countOld(sql: Sql, { table, column, ring }: Task): Promise<number> {
  const [found] = await sql.query<{ count: number }>(
    `SELECT count(*) AS count FROM ${table} t WHERE substr(t.${column}, 1, length($1::bytea)) <> $1`,
    [ring.current.prefix],
  );
  return found?.count ?? 0;
}

/** Says now and then how far a column is. */
class Progress {
  moved = 0;
  private told = performance.now();

  constructor(
    private readonly name: string,
    private readonly total: number,
    private readonly say: Say,
  ) {
    say(`${name}: ${total} to do.`);
  }

  add(count: number): void {
    this.moved += count;
    if (performance.now() - this.told < PROGRESS_MS) return;
    this.told = performance.now();
    this.say(`${this.name}: ${this.moved} of ${this.total}`);
  }
}
