// Stores that go away and come back: what callers are told, and what goes on regardless.
import pg from 'pg';
import { TestApp } from '../support/app.js';
import { eventually, Live } from '../support/live.js';
import { administer, cloneDatabase, services, uniqueName } from '../support/services.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { type Person, World } from '../support/world.js';

const health = async (app: TestApp, path: 'live' | 'ready') => {
  const response = await fetch(`${app.url}/health/${path}`);
  return { code: response.status, body: await response.json() };
};

describe('PostgreSQL away', () => {
  let app: TestApp;
  let proxy: TcpProxy;
  let owner: Person;
  let direct: string;

  beforeAll(async () => {
    direct = await cloneDatabase();
    const through = await TcpProxy.for(direct);
    proxy = through.proxy;
    app = await TestApp.start({ DATABASE_URL: through.address });
    owner = await new World(app).landlord();
  });

  afterAll(async () => {
    await app.stop();
    await proxy.cut();
  });

  it('is told as UNAVAILABLE, and over when it is back', async () => {
    expect(await health(app, 'ready')).toEqual({ code: 200, body: { status: 'ready' } });
    await proxy.cut();
    for (const operation of ['getCities', 'verifyUser', 'markNotificationsRead']) {
      expect(await app.api.call(operation, {}, owner.token)).toMatchObject({
        status: 'UNAVAILABLE',
        code: 'UNAVAILABLE',
        data: null,
      });
    }
    const { email, password } = owner;
    expect((await app.api.call('signIn', { input: { email, password } })).status).toBe('UNAVAILABLE');
    await expect(Live.connect(app.url, owner.token)).rejects.toThrow(/^UNAVAILABLE$/);
    expect(await health(app, 'live')).toEqual({ code: 200, body: { status: 'live' } });
    expect(await health(app, 'ready')).toEqual({
      code: 503,
      body: { status: 'not ready', missing: ['PostgreSQL cannot be reached'] },
    });
    await proxy.heal();
    await eventually(async () => (await health(app, 'ready')).code === 200, 'readiness');
    expect((await app.api.call('verifyUser', {}, owner.token)).status).toBe('OK');
  });

  it('in a nested field is a top-level error with that code', async () => {
    const world = new World(app);
    const { id } = await world.place(owner);
    const holder = new pg.Client({ connectionString: direct });
    await holder.connect();
    await holder.query('BEGIN; LOCK TABLE city IN ACCESS EXCLUSIVE MODE');
    const answer = app.api.post(`{ getPlace(id: "${id}") { status data { id city { name } } } }`);
    await new Promise((resolve) => setTimeout(resolve, 200));
    await proxy.cut();
    const { errors, data } = await answer;
    await proxy.heal();
    await holder.end();
    expect(data).toEqual({ getPlace: { status: 'OK', data: null } });
    expect(errors).toMatchObject([
      { path: ['getPlace', 'data', 'city'], extensions: { code: 'UNAVAILABLE' } },
    ]);
  });
});

describe('PostgreSQL not there at the start', () => {
  it('is waited for, and named', async () => {
    const through = await TcpProxy.for(await cloneDatabase());
    await through.proxy.cut();
    const app = await TestApp.start({ DATABASE_URL: through.address });
    expect(await health(app, 'live')).toMatchObject({ code: 200 });
    expect(await health(app, 'ready')).toMatchObject({
      code: 503,
      body: { missing: ['PostgreSQL cannot be reached'] },
    });
    expect((await app.api.call('getCities')).status).toBe('UNAVAILABLE');
    await through.proxy.heal();
    await eventually(async () => (await health(app, 'ready')).code === 200, 'readiness');
    expect((await app.api.call('getCities')).status).toBe('OK');
    await app.stop();
    await through.proxy.cut();
  });

  it('or not migrated, is not ready, and says what to do', async () => {
    const name = uniqueName();
    await administer(`CREATE DATABASE ${name}`);
    const app = await TestApp.start({ DATABASE_URL: `${services().postgresUrl}${name}` });
    const { code, body } = await health(app, 'ready');
    expect(code).toBe(503);
    expect(body).toEqual({
      status: 'not ready',
      missing: [expect.stringMatching(/^\d+ migrations are pending: run npm run migrate$/)],
    });
    await app.stop();
  });
});

describe('Redis away', () => {
  let app: TestApp;
  let world: World;
  let proxy: TcpProxy;

  beforeAll(async () => {
    const through = await TcpProxy.for(services().redisUrl);
    proxy = through.proxy;
    app = await TestApp.start({ REDIS_URL: through.address });
    world = new World(app);
  });

  afterAll(async () => {
    await app.stop();
    await proxy.cut();
  });

  it('degrades nothing but the speed of notifications', async () => {
    const [owner, tenant] = [await world.landlord(), await world.tenant()];
    const { id: placeId } = await world.place(owner);
    const live = await Live.connect(app.url, owner.token);
    await proxy.cut();
    await eventually(
      async () => JSON.stringify((await health(app, 'ready')).body).includes('degraded'),
      'the degradation to be named',
    );
    expect(await health(app, 'ready')).toEqual({
      code: 200,
      body: { status: 'degraded', degraded: ['Redis cannot be reached: live notifications come late'] },
    });
    const started = performance.now();
    for (let n = 0; n < 5; n++) await world.ask(tenant, placeId);
    expect(performance.now() - started).toBeLessThan(2000);
    // Those connected to this instance hear of it all the same, and new ones may connect.
    await live.receive(5);
    const second = await Live.connect(app.url, owner.token, { lastSequence: 0 });
    await second.receive(5);
    await proxy.heal();
    await eventually(
      async () => JSON.stringify((await health(app, 'ready')).body) === '{"status":"ready"}',
      'Redis to be back',
    );
    await world.ask(tenant, placeId);
    await live.receive(6);
    expect(live.sequences).toEqual([1, 2, 3, 4, 5, 6]);
    live.close();
    second.close();
  });
});

describe('Redis not there at the start', () => {
  it('does not keep the server from starting', async () => {
    const through = await TcpProxy.for(services().redisUrl);
    await through.proxy.cut();
    const app = await TestApp.start({ REDIS_URL: through.address });
    expect(await health(app, 'ready')).toMatchObject({ code: 200, body: { status: 'degraded' } });
    const world = new World(app);
    const [owner, tenant] = [await world.landlord(), await world.tenant()];
    const { id: placeId } = await world.place(owner);
    await world.ask(tenant, placeId);
    const live = await Live.connect(app.url, owner.token);
    await live.receive(1);
    live.close();
    await app.stop();
    // The queue's last attempts to reconnect run out.
    await new Promise((resolve) => setTimeout(resolve, 2000));
  });
});

describe('an unexpected fault', () => {
  it('tells the outside nothing but a request id, and the log the rest', async () => {
    const app = await TestApp.start();
    const { token } = await new World(app).landlord();
    await app.sql.query('ALTER TABLE city RENAME TO hidden_table_name');
    const reply = await app.api.call('getCities', {}, token);
    expect(reply).toMatchObject({ status: 'INTERNAL', code: 'INTERNAL', data: null, fieldErrors: null });
    expect(reply.message).toMatch(
      /^Something went wrong on our side\. Please quote request [\w-]{36} to us\.$/,
    );
    await app.stop();
  });

  it('keeps the request id of a proxy, and answers it in a header', async () => {
    const app = await TestApp.start();
    const ask = (headers: Record<string, string>) => fetch(`${app.url}/health/live`, { headers });
    expect((await ask({ 'x-request-id': 'from-the-proxy-1' })).headers.get('x-request-id')).toBe(
      'from-the-proxy-1',
    );
    expect((await ask({ 'x-request-id': 'no good <script>' })).headers.get('x-request-id')).toMatch(
      /^[\w-]{36}$/,
    );
    await app.stop();
  });
});
