// Two and more instances: F7, F19, F24, and that it makes no difference where a booking is made and where one listens.
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { eventually, Live } from '../support/live.js';
import { inDays } from '../support/world.js';
import { Cluster, FLAWLESS, type Instance } from './support/cluster.js';
import { longOrShort } from './support/form.js';
import { queueCounts } from './support/queue.js';

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;

describe('two instances and a worker apart', () => {
  let cluster: Cluster;
  let a: Instance;
  let b: Instance;
  let worker: Instance;

  beforeAll(async () => {
    cluster = await Cluster.start({ WORKER: 'apart' });
    a = await cluster.add();
    b = await cluster.add();
    worker = await cluster.add({}, 'worker');
  });

  afterEach(() => cluster.clear());

  afterAll(async () => {
    await worker.end();
    await cluster.stop();
  });

  it('a user on one hears what was booked on the other, as soon as on one', async () => {
    const [household] = await cluster.households(1);
    if (household === undefined) throw new Error('A household was made.');
    const [onA] = cluster.listen([household.landlord], { urls: () => [a.url] });
    const latencies: Record<string, number[]> = { same: [], other: [] };
    await eventually(() => Promise.resolve(onA?.isConnected ?? false), 'the device to be there');
    for (let n = 0; n < 120; n++) {
      const [name, url] = n % 2 === 0 ? (['same', a.url] as const) : (['other', b.url] as const);
      const load = cluster.load([], { urls: () => [url] });
      await load.ask(household);
      const answered = Date.now();
      await eventually(() => Promise.resolve((onA?.kept.length ?? 0) > n), 'the notification');
      latencies[name]?.push((onA?.keptAt[n] ?? NaN) - answered);
    }
    const { same = [], other = [] } = latencies;
    process.stderr.write(
      `  heard after the answer, median: same instance ${median(same)} ms, other instance ${median(other)} ms\n`,
    );
    expect(median(other)).toBeLessThan(median(same) + 25);
    expect(await cluster.verdict()).toMatchObject({ ...FLAWLESS, committed: 120, received: 120 });
  });

  it('jobs are removed when all is acknowledged, and held for who is away', async () => {
    const [here, away] = await cluster.households(2);
    if (here === undefined || away === undefined) throw new Error('Two households were made.');
    cluster.listen([here.landlord]);
    const load = cluster.load([]);
    for (let n = 0; n < 5; n++) {
      await load.ask(here);
      await load.ask(away);
    }
    const nothing = { waiting: 0, active: 0, failed: 0, completed: 0 };
    const counts = () => queueCounts(cluster.stores);
    const toBe = (wanted: object) =>
      eventually(
        async () => isDeepStrictEqual(await counts(), wanted),
        `the queue to hold ${JSON.stringify(wanted)}`,
        15_000,
      );
    await toBe({ ...nothing, delayed: 1 });
    cluster.listen([away.landlord]);
    expect(await cluster.verdict(load)).toMatchObject(FLAWLESS);
    await toBe({ ...nothing, delayed: 0 });
  });

  it('says that the queue is behind when no worker runs, and when one does again', async () => {
    const ready = async () =>
      (await (await fetch(`${a.url}/health/ready`)).json()) as { degraded?: string[] };
    const [household] = await cluster.households(1);
    if (household === undefined) throw new Error('A household was made.');
    await worker.end();
    // Connected, but confirms nothing: a worker would have to look at the job.
    const deaf = await Live.connect(a.url, household.landlord.token, { acknowledge: false });
    await cluster.load([]).ask(household);
    await eventually(
      async () => (await ready()).degraded?.join().includes('The delivery queue is behind') ?? false,
      'the delay to be named',
      40_000,
    );
    await eventually(
      () => Promise.resolve(a.process.output.includes('The delivery queue is behind')),
      'the delay to be logged',
    );
    await worker.start();
    await eventually(async () => (await ready()).degraded === undefined, 'the delay to be over', 20_000);
    deaf.close();
    cluster.listen([household.landlord]);
    expect(await cluster.verdict()).toMatchObject(FLAWLESS);
  });
});

describe('an instance', () => {
  let cluster: Cluster;
  let a: Instance;
  let b: Instance;

  beforeAll(async () => {
    cluster = await Cluster.start({ DRAIN_MS: '500' });
    a = await cluster.add();
    b = await cluster.add();
  });

  afterEach(() => cluster.clear());
  afterAll(() => cluster.stop());

  it('F7 stopped for 40 s, then continued', async () => {
    const households = await cluster.households(3);
    const people = households.flatMap(({ landlord, tenant }) => [landlord, tenant]);
    cluster.listen(people, { urls: () => [a.url, b.url] });
    let frozen = false;
    const load = cluster.load(households, { pauseMs: 20, urls: () => (frozen ? [b.url] : [a.url, b.url]) });
    await sleep(1500);
    a.signal('SIGSTOP');
    frozen = true;
    await sleep(longOrShort(40_000, 12_000));
    const connected = cluster.devices.filter(({ isConnected }) => isConnected).length;
    expect(connected).toBeGreaterThan(0);
    a.signal('SIGCONT');
    frozen = false;
    await sleep(1500);
    await load.stop();
    const verdict = await cluster.verdict(load, 90_000);
    expect(verdict).toMatchObject(FLAWLESS);
    expect(verdict.committed).toBeGreaterThan(50);
  });

  it('F19 both replaced one after the other under load: no request fails', async () => {
    const households = await cluster.households(3);
    cluster.listen(households.flatMap(({ landlord, tenant }) => [landlord, tenant]));
    // As a load balancer does: to those that say they are ready, and elsewhere where nobody listens.
    let ready = cluster.urls();
    const watching = new AbortController();
    const look = (async () => {
      while (!watching.signal.aborted) {
        const answers = await Promise.all(
          cluster.urls().map((url) =>
            fetch(`${url}/health/ready`).then(
              ({ ok }) => ok,
              () => false,
            ),
          ),
        );
        ready = cluster.urls().filter((_, n) => answers[n]);
        await sleep(50);
      }
    })();
    const load = cluster.load(households, { pauseMs: 5, urls: () => ready });
    await sleep(500);
    for (const instance of [a, b]) {
      expect(await instance.end('SIGTERM')).toBe(0);
      await instance.start();
      await sleep(500);
    }
    await load.stop();
    watching.abort();
    await look;
    expect(load.unanswered).toBe(0);
    const verdict = await cluster.verdict(load);
    expect(verdict).toMatchObject(FLAWLESS);
    expect(verdict.committed).toBeGreaterThan(50);
  });

  it.each([
    ['of one instance', ['b']],
    ['of both instances, but not of the stores', ['a', 'b']],
  ])('F24 the clock %s two hours ahead', async (_, ahead) => {
    const world = cluster.world(a);
    const households = await cluster.households(2, world);
    for (const [name, instance] of [
      ['a', a],
      ['b', b],
    ] as const) {
      await instance.restart(
        ahead.includes(name)
          ? {
              NODE_OPTIONS: `--import=${process.cwd()}/test/faults/support/clock-ahead.mjs`,
              ACCESS_TOKEN_SECONDS: '600',
            }
          : { ACCESS_TOKEN_SECONDS: '600' },
      );
    }
    // Tokens of ten minutes, made by either, hold on either, and end when they say.
    for (const made of [a, b]) {
      const { email, password } = households[0]?.landlord ?? {};
      const { accessToken, expiresAt } = await cluster
        .world(made)
        .api.must('signIn', { input: { email, password } }, undefined, '{ accessToken expiresAt }');
      expect(Math.abs(Date.parse(expiresAt as string) - Date.now() - 600_000)).toBeLessThan(5000);
      for (const used of [a, b]) {
        expect((await cluster.world(used).api.call('verifyUser', {}, accessToken)).status).toBe('OK');
        const live = await Live.connect(used.url, accessToken);
        await sleep(100);
        expect(live.has('session_expired')).toBe(false);
        live.close();
      }
    }
    // Today is PostgreSQL's today.
    const [first] = households;
    if (first === undefined) throw new Error('A household was made.');
    const today = await world.ask(first.tenant, first.placeId, inDays(0), inDays(1));
    await cluster.world(b).api.must('activatePendingBooking', { id: today.id }, first.landlord.token);
    const people = households.flatMap(({ landlord, tenant }) => [landlord, tenant]);
    cluster.listen(people.slice(1));
    const load = cluster.load(households, { pauseMs: 20 });
    await sleep(2000);
    await load.stop();
    cluster.listen(people.slice(0, 1));
    expect(await cluster.verdict(load)).toMatchObject(FLAWLESS);
    await eventually(
      async () => Object.values(await queueCounts(cluster.stores)).every((count) => count === 0),
      'all jobs to be removed',
      20_000,
    );
  });
});

describe('an instance that is told to stop', () => {
  it('lets go of a client that was let in meanwhile', async () => {
    const cluster = await Cluster.start({ DRAIN_MS: '1500' });
    const a = await cluster.add();
    const [household] = await cluster.households(1);
    const gone = once(a.process.child, 'exit');
    const attempts = Array.from({ length: 50 }, async (_, n) => {
      await sleep(n);
      return Live.connect(a.url, household?.landlord.token).catch((error: unknown) => String(error));
    });
    await sleep(25);
    a.signal('SIGTERM');
    const outcomes = await Promise.all(attempts);
    await gone;
    for (const outcome of outcomes) {
      if (typeof outcome !== 'string')
        await outcome.until(() => outcome.has('disconnect'), 'it to be let go');
    }
    a.roost = null;
    await cluster.stop();
  });
});
