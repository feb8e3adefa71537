// `node dist/src/queue.js`, which `npm run queue` calls: what operators are shown.
import { spawnSync } from 'node:child_process';
import { DeliveryQueue } from '../../src/modules/notification/delivery-queue.js';
import { NotificationRepository } from '../../src/modules/notification/notification.repository.js';
import { TestApp } from '../support/app.js';
import { eventually, Live } from '../support/live.js';
import { inDays, type Person, World } from '../support/world.js';

const NOWHERE = '127.0.0.1:1';

describe('looking at the queue', () => {
  let app: TestApp;
  let away: Person;
  let here: Person;

  beforeAll(async () => {
    app = await TestApp.start();
    const world = new World(app);
    const tenant = await world.tenant();
    here = await world.landlord();
    away = await world.landlord();
    const live = await Live.connect(app.url, here.token);
    for (const [person, count] of [
      [away, 14],
      [here, 2],
    ] as const) {
      const { id } = await world.place(person);
      for (let n = 0; n < count; n++) await world.ask(tenant, id as string, inDays(1), inDays(2));
    }
    await live.receive(2);
    live.close();
  });

  afterAll(() => app.stop());

  function look(overrides: Record<string, string> = {}) {
    const { PATH = '' } = process.env;
    const { stdout, stderr, status } = spawnSync(process.execPath, ['dist/src/queue.js'], {
      env: { PATH, ...app.settings, ...overrides },
      encoding: 'utf8',
    });
    return { stdout, status, stderr };
  }

  it('shows jobs by state, and how much waits for whom, by id', async () => {
    const queue = app.nest.get(DeliveryQueue, { strict: false });
    const notifications = app.nest.get(NotificationRepository, { strict: false });
    // What a client confirmed is saved a little later, and jobs are gathered, so either may come first.
    await eventually(
      async () => (await notifications.findServed([here.id])).length === 1,
      'all confirmed',
      20_000,
    );
    await eventually(
      async () => JSON.stringify(await queue.counts()) === '{"delayed":1,"waiting":0,"active":0,"failed":0}',
      'one held job',
      20_000,
    );
    const { stdout, status } = look();
    expect(status).toBe(0);
    const [heads, jobs, , columns, ...recipients] = stdout.trimEnd().split('\n');
    expect(heads?.split(/ +/)).toEqual(['queue', 'held', 'waiting', 'active', 'failed']);
    expect(jobs?.split(/ +/)).toEqual(['delivery', '1', '0', '0', '0']);
    expect(columns).toMatch(/^recipient +waiting +since \(UTC\)$/);
    expect(recipients).toEqual([expect.stringMatching(new RegExp(`^${away.id} +14 +\\d{4}-`))]);
    expect(stdout).not.toContain('@');
  }, 60_000);

  it('says in plain words that Redis is away, and shows the rest', () => {
    const { stdout, status } = look({ REDIS_URL: `redis://${NOWHERE}` });
    expect(status).toBe(1);
    expect(stdout).toContain('Redis cannot be reached at REDIS_URL, so what the queue holds is unknown.');
    expect(stdout).toMatch(new RegExp(`${away.id} +14`));
  });

  it('says in plain words that PostgreSQL is away, or what setting is missing', () => {
    const { stderr, status } = look({ DATABASE_URL: `postgres://${NOWHERE}/roost` });
    expect(status).toBe(1);
    expect(stderr.trim()).toBe('PostgreSQL cannot be reached at DATABASE_URL. Is it running?');
    expect(look({ REDIS_URL: '' }).stderr).toContain('REDIS_URL is missing');
  });
});
