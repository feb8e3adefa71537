// What is promised of a transaction: hooks run once COMMIT is answered and only then, and what travels together with
// COMMIT is all there or not at all. COMMIT is held back, or refused, by triggers that PostgreSQL defers until it.
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { Database, type Transaction } from '../../src/platform/database/database.js';
import { TestApp } from '../support/app.js';
import { Live } from '../support/live.js';
import { inDays, World } from '../support/world.js';

const INSERT = 'INSERT INTO probe (id) VALUES ($1)';
const LOCK = 4711;

/** How long a COMMIT is held back: ample time for a hook that does not wait for it. */
const HELD_MS = 400;

describe('a transaction', () => {
  let app: TestApp;
  let db: Database;
  let keeper: pg.PoolClient;
  let ran: string[];

  beforeAll(async () => {
    app = await TestApp.start();
    db = app.nest.get(Database);
    keeper = await app.sql.connect();
    await app.sql.query(`
      CREATE TABLE probe (id integer PRIMARY KEY);
      CREATE FUNCTION hold_commit() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN PERFORM pg_advisory_xact_lock(${LOCK}); RETURN NULL; END $$;
      CREATE FUNCTION refuse_commit() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'refused at COMMIT'; END $$;
      CREATE CONSTRAINT TRIGGER held AFTER INSERT ON probe DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW WHEN (NEW.id BETWEEN 100 AND 199) EXECUTE FUNCTION hold_commit();
      CREATE CONSTRAINT TRIGGER refused AFTER INSERT ON probe DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW WHEN (NEW.id >= 200) EXECUTE FUNCTION refuse_commit();
    `);
  });

  beforeEach(() => (ran = []));

  afterAll(async () => {
    keeper.release();
    await app.stop();
  });

  const stored = async (...ids: number[]) =>
    (await app.sql.query('SELECT FROM probe WHERE id = ANY($1)', [ids])).rowCount;

  const hook = (tx: Transaction) => {
    tx.afterCommit(() => ran.push('hook'));
  };

  /** Both ways to end: COMMIT by itself, and together with the last statement. */
  const ENDS: [string, (id: number) => (tx: Transaction) => Promise<unknown>][] = [
    [
      'COMMIT by itself',
      (id) => (tx) => {
        hook(tx);
        return tx.query(INSERT, [id]);
      },
    ],
    [
      'COMMIT with the last statement',
      (id) => (tx) => {
        hook(tx);
        return tx.commitWith(() => [tx.query(INSERT, [id])]);
      },
    ],
  ];

  it.each(ENDS)('with %s: hooks wait until COMMIT is answered', async (name, work) => {
    const id = 100 + ENDS.findIndex(([one]) => one === name);
    await keeper.query('SELECT pg_advisory_lock($1)', [LOCK]);
    const done = db.transaction(work(id));
    await sleep(HELD_MS);
    expect(ran).toEqual([]);
    expect(await stored(id)).toBe(0);
    await keeper.query('SELECT pg_advisory_unlock($1)', [LOCK]);
    await done;
    expect(ran).toEqual(['hook']);
    expect(await stored(id)).toBe(1);
  });

  it.each(ENDS)('with %s: no hook runs where COMMIT is refused', async (_, work) => {
    await expect(db.transaction(work(200))).rejects.toThrow('refused at COMMIT');
    expect(ran).toEqual([]);
    expect(await stored(200)).toBe(0);
  });

  it('runs no hook where the work fails', async () => {
    const failing = db.transaction(async (tx) => {
      hook(tx);
      await tx.query(INSERT, [1]);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(ran).toEqual([]);
    expect(await stored(1)).toBe(0);
  });

  it('whose last statements fail commits none of them, and says which was the first', async () => {
    const failing = db.transaction(async (tx) => {
      await tx.query(INSERT, [10]);
      hook(tx);
      await tx.commitWith(() => [
        tx.query(INSERT, [11]),
        tx.query(INSERT, [10]),
        tx.query('SELECT no_such_function()'),
      ]);
    });
    await expect(failing).rejects.toMatchObject({ constraint: 'probe_pkey' });
    expect(ran).toEqual([]);
    expect(await stored(10, 11)).toBe(0);
  });

  it('commits nothing where one of its last statements was never sent', async () => {
    const failing = db.transaction((tx) =>
      tx.commitWith(() => [tx.query(INSERT, [20]), Promise.reject(new Error('too early'))]),
    );
    await expect(failing).rejects.toThrow('too early');
    expect(await stored(20)).toBe(0);
  });

  it('commits nothing where one of its last statements was asked for by something that failed', async () => {
    const failing = db.transaction((tx) =>
      tx.commitWith(() => [
        tx.query(INSERT, [21]),
        (async () => {
          void tx.query(INSERT, [22]).catch(() => undefined);
          await Promise.resolve();
          throw new Error('after asking');
        })(),
      ]),
    );
    await expect(failing).rejects.toThrow('after asking');
    expect(await stored(21, 22)).toBe(0);
  });

  it('takes what was asked for just before along with its last statements', async () => {
    await db.transaction(async (tx) => {
      const first = tx.query(INSERT, [25]);
      await tx.commitWith(() => [tx.query(INSERT, [26])]);
      await first;
    });
    expect(await stored(25, 26)).toBe(2);
  });

  it('sends nothing any more once its work has failed', async () => {
    const failing = db.transaction((tx) => {
      void tx.query(INSERT, [23]).catch(() => undefined);
      throw new Error('meanwhile');
    });
    await expect(failing).rejects.toThrow('meanwhile');
    await sleep(50);
    expect(await stored(23)).toBe(0);
  });

  it('without anything before its last statements is all there or not at all, too', async () => {
    const failing = db.transaction(async (tx) => {
      hook(tx);
      await tx.commitWith(() => [tx.query(INSERT, [24]), tx.query(INSERT, [24])]);
    });
    await expect(failing).rejects.toMatchObject({ constraint: 'probe_pkey' });
    expect(ran).toEqual([]);
    expect(await stored(24)).toBe(0);
  });

  it('is not committed behind a failure that somebody swallowed', async () => {
    const failing = db.transaction(async (tx) => {
      hook(tx);
      await tx.query(INSERT, [30]);
      await tx.query(INSERT, [30]).catch(() => undefined);
    });
    await expect(failing).rejects.toThrow('cannot be committed');
    expect(ran).toEqual([]);
  });

  it('takes no statement after its end', async () => {
    const failing = db.transaction(async (tx) => {
      await tx.commitWith(() => [tx.query(INSERT, [40])]);
      await tx.query(INSERT, [41]);
    });
    await expect(failing).rejects.toThrow('over');
    expect(await stored(40, 41)).toBe(1);
  });

  it('leaves no connection behind with a transaction open', async () => {
    const open = await app.sql.query(
      `SELECT FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = 'roost' AND state LIKE 'idle in transaction%'`,
    );
    expect(open.rowCount).toBe(0);
  });

  describe('that saves a notification', () => {
    it('tells nobody before COMMIT is answered, and nobody where it is refused', async () => {
      const world = new World(app);
      const [tenant, landlord] = [await world.tenant(), await world.landlord()];
      const { id: placeId } = await world.place(landlord);
      const live = await Live.connect(app.url, landlord.token);
      await app.sql.query(`CREATE CONSTRAINT TRIGGER held AFTER INSERT ON notification
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION hold_commit()`);
      await keeper.query('SELECT pg_advisory_lock($1)', [LOCK]);
      const asked = world.ask(tenant, placeId, inDays(1), inDays(2));
      await sleep(HELD_MS);
      expect(live.messages).toEqual([]);
      await keeper.query('SELECT pg_advisory_unlock($1)', [LOCK]);
      const { id } = await asked;
      await live.receive(1);
      expect(live.messages[0].booking.id).toBe(id);

      await app.sql.query(`DROP TRIGGER held ON notification;
        CREATE CONSTRAINT TRIGGER refused AFTER INSERT ON notification
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_commit()`);
      const input = { placeId, checkIn: inDays(3), checkOut: inDays(4), guests: 1 };
      expect((await app.api.call('createPendingBooking', { input }, tenant.token)).status).toBe('INTERNAL');
      await sleep(HELD_MS);
      expect(live.messages).toHaveLength(1);
      live.close();
    });
  });
});
