// What is promised of batches: all of it took effect or none, a fault leaves the connection and what is prepared on it
// in order, and many batches may be under way on one connection.
import type pg from 'pg';
import { runBatch, type Statement } from '../../src/platform/database/batch.js';
import { createReadClient } from '../../src/platform/database/data-source.js';
import { cloneDatabase } from '../support/services.js';

const insert = (id: unknown): Statement => ({
  text: 'INSERT INTO probe (id) VALUES ($1) RETURNING id',
  values: [id],
  name: 'insert',
});
const ALL: Statement = { text: 'SELECT id FROM probe ORDER BY id', values: [], name: 'all' };

describe('a batch of statements', () => {
  let client: pg.Client;

  beforeEach(async () => {
    client = createReadClient({ url: await cloneDatabase(), timeoutMs: 10_000 });
    await client.connect();
    await runBatch(client, [{ text: 'CREATE TABLE probe (id integer PRIMARY KEY)', values: [] }]);
  });

  afterEach(() => client.end());

  const stored = async () => {
    const [answer] = await runBatch(client, [ALL]);
    return answer?.rows.map((row) => (row as { id: number }).id);
  };

  it('answers what each of them gave', async () => {
    const answers = await runBatch(client, [insert(1), insert(2), ALL]);
    expect(answers).toEqual([
      { rows: [{ id: 1 }], tag: 'INSERT 0 1' },
      { rows: [{ id: 2 }], tag: 'INSERT 0 1' },
      { rows: [{ id: 1 }, { id: 2 }], tag: 'SELECT 2' },
    ]);
  });

  it('has no effect where one of them fails', async () => {
    await expect(runBatch(client, [insert(1), insert(1), insert(2)])).rejects.toMatchObject({
      constraint: 'probe_pkey',
    });
    expect(await stored()).toEqual([]);
  });

  it('sends nothing where a value cannot be written', async () => {
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    await expect(runBatch(client, [insert(1), insert(circular)])).rejects.toThrow(/circular/i);
    expect(await stored()).toEqual([]);
  });

  it('that failed leaves what it prepared of use', async () => {
    // Prepared but refused; never reached, as the one before it fails; and refused before it was prepared.
    await runBatch(client, [{ ...insert(1), name: undefined }]);
    await expect(runBatch(client, [insert(1), ALL])).rejects.toThrow('duplicate key');
    await expect(runBatch(client, [{ text: 'SELECT nothing', values: [], name: 'none' }])).rejects.toThrow();
    expect((await runBatch(client, [insert(2), ALL]))[1]?.rows).toEqual([{ id: 1 }, { id: 2 }]);
    await expect(runBatch(client, [{ text: 'SELECT nothing', values: [], name: 'none' }])).rejects.toThrow(
      'does not exist',
    );
  });

  it('does not mind others on the same connection, whatever becomes of those', async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 50 }, (_, n) => runBatch(client, [insert(n % 2 === 0 ? n : 'none'), ALL])),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(
      outcomes.map((_, n) => (n % 2 === 0 ? 'fulfilled' : 'rejected')),
    );
    expect(await stored()).toEqual(outcomes.flatMap((_, n) => (n % 2 === 0 ? [n] : [])));
  });

  it('that loses its connection says so', async () => {
    const lost = runBatch(client, [
      insert(1),
      { text: 'SELECT pg_terminate_backend(pg_backend_pid())', values: [] },
    ]);
    await expect(lost).rejects.toThrow('terminating connection');
  });

  it('reads every kind of value that is stored', async () => {
    const text = `SELECT 1 AS int, 2::bigint AS bigint, 1.5::float8 AS float, true AS bool, NULL AS nothing, 'ä"\\' AS text,
      date '2026-02-28' AS date, timestamptz '2026-02-28 12:00:00.125+00' AS instant, ARRAY['a', 'b'] AS list, '\\x00ff'::bytea AS bytes`;
    const expected = {
      ...{ int: 1, bigint: 2, float: 1.5, bool: true, nothing: null, text: 'ä"\\', date: '2026-02-28' },
      ...{ instant: new Date('2026-02-28T12:00:00.125Z'), list: ['a', 'b'], bytes: Buffer.from([0, 255]) },
    };
    // The second time it is prepared, and its columns are known.
    for (let turn = 0; turn < 2; turn++)
      expect((await runBatch(client, [{ text, values: [], name: 'kinds' }]))[0]?.rows).toEqual([expected]);
  });
});
