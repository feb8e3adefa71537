// F1 to F6: a process dies at each point that a notification passes on its way.
import { randomUUID } from 'node:crypto';
import { eventually, Live } from '../support/live.js';
import { Cluster, FLAWLESS } from './support/cluster.js';
import { isLong } from './support/form.js';
import { queueCounts } from './support/queue.js';

describe('a process that dies', () => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await Cluster.start();
    await cluster.add();
    await cluster.add();
  });

  afterEach(() => cluster.clear());
  afterAll(() => cluster.stop());

  it.each([
    ['F1', 'before the commit', 'recorded@8'],
    ['F2', 'after the commit, before the job is queued', 'committed@8'],
    ['F3', 'after the job is queued', 'enqueued@5'],
    ['F3', 'before the notification is emitted', 'emitting@12'],
    ['F4', 'after it is emitted, before its acknowledgement', 'emitted@12'],
    ['F5', 'after the acknowledgement, before the cursor is written', 'acknowledged@12'],
  ])('%s %s: nothing is lost, doubled or out of order', async (_, __, FAILPOINT) => {
    const [doomed, healthy] = cluster.instances;
    if (doomed === undefined || healthy === undefined) throw new Error('Two servers were started.');
    const households = await cluster.households(3, cluster.world(healthy));
    await doomed.restart({ FAILPOINT });
    cluster.listen(households.flatMap(({ landlord, tenant }) => [landlord, tenant]));
    const load = cluster.load(households, { pauseMs: 10 });
    expect(await doomed.died()).toBe('SIGKILL');
    const heard = () => cluster.devices.reduce((sum, { kept }) => sum + kept.length, 0);
    const before = heard();
    await eventually(() => Promise.resolve(heard() > before + 20), 'the other server to go on', 20_000);
    // In the short form the next scenario starts it again.
    if (isLong) await doomed.start();
    await load.stop();
    const verdict = await cluster.verdict(load);
    expect(verdict).toMatchObject(FLAWLESS);
    expect(verdict.committed).toBeGreaterThan(30);
  });

  it('F1 before the commit: what the caller asked for was not done, and is done once when asked again', async () => {
    const [doomed, healthy] = cluster.instances;
    if (doomed === undefined || healthy === undefined) throw new Error('Two servers were started.');
    const [household] = await cluster.households(1, cluster.world(healthy));
    if (household === undefined) throw new Error('A household was made.');
    await doomed.restart({ FAILPOINT: 'recorded' });
    cluster.listen([household.landlord], { urls: () => [healthy.url] });
    const key = randomUUID();
    const load = cluster.load([], { urls: () => (doomed.roost === null ? [healthy.url] : [doomed.url]) });
    const asked = load.ask(household, key);
    await doomed.died();
    const count = async () =>
      (await cluster.sql.query('SELECT FROM booking WHERE place_id = $1', [household.placeId])).rowCount;
    expect(await asked).not.toBeNull();
    expect(load.unanswered).toBeGreaterThan(0);
    expect(await count()).toBe(1);
    expect(await cluster.verdict(load)).toMatchObject({ ...FLAWLESS, committed: 1, received: 1 });
  });
});

describe('a worker that dies', () => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await Cluster.start({ WORKER: 'apart' });
    await cluster.add();
  });

  afterAll(() => cluster.stop());

  it('F6 three times on one job: BullMQ gives it up, the reconciler does not', async () => {
    const [server] = cluster.instances;
    const [household] = await cluster.households(1);
    if (server === undefined || household === undefined) throw new Error('Both were made.');
    const load = cluster.load([]);
    // Connected, but confirms nothing: a worker has to look at the job.
    const deaf = await Live.connect(server.url, household.landlord.token, { acknowledge: false });
    await load.ask(household);
    const worker = await cluster.add({ FAILPOINT: 'working', DELIVERY_RECONCILE_SECONDS: '3600' }, 'worker');
    expect(await worker.died()).toBe('SIGKILL');
    for (let deaths = 1; deaths < 3; deaths++) {
      // This one goes on as long as it gets no job: the given up one is taken up again at its start.
      await worker.start({ FAILPOINT: 'working', DELIVERY_RECONCILE_SECONDS: '1' });
      expect(await worker.died()).toBe('SIGKILL');
    }
    await worker.start({ DELIVERY_RECONCILE_SECONDS: '1' });
    deaf.close();
    // Offline now: the job is held for them.
    await eventually(
      async () =>
        (await queueCounts(cluster.stores)).delayed === 1 && (await queueCounts(cluster.stores)).failed === 0,
      'the job to be held',
      40_000,
    );
    cluster.listen([household.landlord]);
    expect(await cluster.verdict(load)).toMatchObject({ ...FLAWLESS, committed: 1, received: 1 });
    await eventually(
      async () => Object.values(await queueCounts(cluster.stores)).every((count) => count === 0),
      'the job to be removed',
      10_000,
    );
    await worker.end();
  });
});
