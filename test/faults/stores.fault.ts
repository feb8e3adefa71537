// F8 to F13: Redis and PostgreSQL are killed, emptied, filled and cut off.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../support/live.js';
import { inDays } from '../support/world.js';
import { Cluster, FLAWLESS } from './support/cluster.js';
import { longOrShort } from './support/form.js';
import { queueCounts } from './support/queue.js';

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;

describe('a store', () => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await Cluster.start();
    await cluster.add();
    await cluster.add();
  });

  afterEach(() => cluster.clear());
  afterAll(() => cluster.stop());

  /** People under load, one landlord of them offline. */
  async function busyTown() {
    const households = await cluster.households(4);
    const [away, ...others] = households;
    if (away === undefined) throw new Error('Four households were made.');
    cluster.listen([away.tenant, ...others.flatMap(({ landlord, tenant }) => [landlord, tenant])]);
    const load = cluster.load(households, { pauseMs: 20 });
    await sleep(1000);
    return { load, away: away.landlord };
  }

  const degraded = async () => {
    const answers = await Promise.all(cluster.urls().map((url) => fetch(`${url}/health/ready`)));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    const bodies = (await Promise.all(answers.map((answer) => answer.json()))) as { degraded?: string[] }[];
    return bodies.map((body) => (body.degraded ?? []).join());
  };

  /** Everything arrives, also at who was offline; then nothing is left in the queue. */
  async function expectFlawless({ load, away }: Awaited<ReturnType<typeof busyTown>>) {
    await load.stop();
    await eventually(async () => (await queueCounts(cluster.stores)).failed === 0, 'no failed jobs', 20_000);
    await eventually(
      async () => ((await queueCounts(cluster.stores)).delayed ?? 0) > 0,
      'a job to be held for who is away',
      20_000,
    );
    cluster.listen([away]);
    const verdict = await cluster.verdict(load);
    expect(verdict).toMatchObject(FLAWLESS);
    expect(verdict.committed).toBeGreaterThan(20);
    await eventually(
      async () => Object.values(await queueCounts(cluster.stores)).every((count) => count === 0),
      'all jobs to be removed',
      30_000,
    );
  }

  it.each([
    ['with AOF', true],
    ['without AOF', false],
  ])('F8 Redis killed, %s', async (_, aof) => {
    const town = await busyTown();
    await cluster.stores.killRedis();
    await sleep(500);
    await cluster.stores.restartRedis(aof);
    await sleep(500);
    await cluster.stores.killRedis();
    await cluster.stores.restartRedis(aof);
    await sleep(1000);
    await expectFlawless(town);
  });

  it('F9 FLUSHALL in mid-load, again and again', async () => {
    const town = await busyTown();
    for (let times = 0; times < 8; times++) {
      await cluster.stores.withRedis((redis) => redis.flushall());
      await sleep(300);
    }
    await expectFlawless(town);
  });

  it.each([
    ['gone', () => cluster.stores.killRedis(), () => cluster.stores.restartRedis()],
    [
      'frozen',
      () => Promise.resolve(cluster.stores.freezeRedis()),
      () => Promise.resolve(cluster.stores.thawRedis()),
    ],
  ])(
    'F10 Redis %s for 30 s: bookings succeed at normal latency, and are told',
    async (how, takeAway, bringBack) => {
      const town = await busyTown();
      const before = town.load.took.splice(0);
      await takeAway();
      await sleep(longOrShort(30_000, 5000));
      const without = town.load.took.splice(0);
      if (how === 'gone') {
        expect(await degraded()).toEqual(
          cluster.urls().map(() => expect.stringContaining('Redis cannot be reached')),
        );
      }
      await bringBack();
      expect(town.load.unanswered).toBe(0);
      expect(without.length).toBeGreaterThan(20);
      expect(median(without)).toBeLessThan(median(before) * 2 + 20);
      await expectFlawless(town);
      await eventually(async () => (await degraded()).every((words) => words === ''), 'health', 15_000);
    },
  );

  it('F11 Redis full', async () => {
    const town = await busyTown();
    await cluster.stores.withRedis((redis) => redis.config('SET', 'maxmemory', '1mb'));
    await expect(cluster.stores.withRedis((redis) => redis.set('more', 'x'))).rejects.toThrow(/OOM/);
    await sleep(longOrShort(8000, 3000));
    expect(town.load.unanswered).toBe(0);
    await cluster.stores.withRedis((redis) => redis.config('SET', 'maxmemory', '0'));
    await expectFlawless(town);
  });

  it('F12 PostgreSQL stopped with -m immediate: answered writes survive, callers meanwhile get UNAVAILABLE', async () => {
    const town = await busyTown();
    for (let times = 0; times < 2; times++) {
      await cluster.stores.crashPostgres();
      await sleep(1000);
      const ready = await fetch(`${cluster.urls()[0]}/health/ready`);
      expect([ready.status, await ready.json()]).toEqual([
        503,
        { status: 'not ready', missing: ['PostgreSQL cannot be reached'] },
      ]);
      await cluster.stores.restartPostgres();
      await sleep(1500);
    }
    expect(town.load.unanswered).toBeGreaterThan(0);
    await expectFlawless(town);
  });

  it('F13 backends terminated at random under load: nobody is told of a fault of ours', async () => {
    const town = await busyTown();
    for (let times = 0; times < 40; times++) {
      await cluster.sql.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'roost' ORDER BY random() LIMIT 3`,
      );
      await sleep(50);
    }
    // None of them ended; what it said is shown where one did.
    for (const { process: roost } of cluster.instances)
      expect(roost.child.exitCode === null ? '' : roost.output).toBe('');
    expect(town.load.unanswered).toBeGreaterThan(0);
    await expectFlawless(town);
  });

  it('F13 a backend terminated in mid-transaction: the caller repeats with the same key, and there is one booking', async () => {
    const [household] = await cluster.households(1);
    if (household === undefined) throw new Error('A household was made.');
    const { landlord, tenant, placeId } = household;
    const load = cluster.load([]);
    await load.ask(household);
    const holder = await cluster.sql.connect();
    await holder.query('BEGIN');
    await holder.query('SELECT FROM inbox WHERE recipient_id = $1 FOR UPDATE', [landlord.id]);
    const key = randomUUID();
    const input = { placeId, checkIn: inDays(20), checkOut: inDays(22), guests: 1, idempotencyKey: key };
    const ask = () => cluster.world().api.call('createPendingBooking', { input }, tenant.token);
    const first = ask();
    // It waits for the counter, with the booking inserted already.
    const victim = await new Promise<number>((found) => {
      const look = async () => {
        const { rows } = await cluster.sql.query<{ pid: number }>(
          `SELECT pid FROM pg_stat_activity WHERE application_name = 'roost' AND wait_event_type = 'Lock'`,
        );
        if (rows[0] === undefined) setTimeout(() => void look(), 20);
        else found(rows[0].pid);
      };
      void look();
    });
    await cluster.sql.query('SELECT pg_terminate_backend($1)', [victim]);
    expect(await first).toMatchObject({ status: 'UNAVAILABLE', data: null });
    await holder.query('ROLLBACK');
    holder.release();
    const [second, third] = [await ask(), await ask()];
    expect([second.status, third.status]).toEqual(['CREATED', 'CREATED']);
    expect(third.data.id).toBe(second.data.id);
    const { rowCount } = await cluster.sql.query('SELECT FROM booking WHERE place_id = $1', [placeId]);
    expect(rowCount).toBe(2);
    cluster.listen([landlord]);
    expect(await cluster.verdict(load)).toMatchObject({ ...FLAWLESS, committed: 2, received: 2 });
  });
});
