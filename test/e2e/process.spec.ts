// The compiled application as real processes: starting, refusing to, draining, several at once.
import { createServer } from 'node:net';
import { once } from 'node:events';
import type { TestApp } from '../support/app.js';
import { eventually, Live } from '../support/live.js';
import { RoostProcess } from '../support/process.js';
import { cloneDatabase } from '../support/services.js';
import { processSettings } from '../support/settings.js';
import { inDays, World } from '../support/world.js';

describe('a server process', () => {
  let settings: Record<string, string>;

  beforeAll(async () => {
    settings = processSettings(await cloneDatabase());
  });

  it('on SIGTERM finishes what is in flight, sends sockets away, and ends well', async () => {
    const roost = await RoostProcess.start(settings);
    const world = new World({ api: roost.api } as TestApp);
    const person = await world.landlord();
    const live = await Live.connect(roost.url, person.token);
    const { email, password } = person;
    // Hashing keeps them busy long enough to be in flight.
    const inFlight = Array.from({ length: 40 }, () =>
      roost.api.call('signIn', { input: { email, password } }),
    );
    await new Promise((resolve) => setTimeout(resolve, 30));
    const ended = roost.end('SIGTERM');
    const replies = await Promise.all(inFlight);
    expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 'OK'));
    expect(await ended).toBe(0);
    expect(live.has('disconnect')).toBe(true);
    expect(roost.output).toContain('Stopped.');
  });

  it('while draining still answers, says so in /health/ready, and closes its connections', async () => {
    const roost = await RoostProcess.start({ ...settings, DRAIN_MS: '1500' });
    const ended = roost.end('SIGTERM');
    await new Promise((resolve) => setTimeout(resolve, 300));
    const ready = await fetch(`${roost.url}/health/ready`);
    expect(ready.status).toBe(503);
    expect(ready.headers.get('connection')).toBe('close');
    expect(await ready.json()).toEqual({ status: 'not ready', missing: ['This instance is shutting down'] });
    expect((await roost.api.call('getCities')).status).toBe('OK');
    expect(await ended).toBe(0);
    await expect(fetch(`${roost.url}/health/live`)).rejects.toThrow();
  });

  it('under load loses no request of clients that close when told to', async () => {
    const roost = await RoostProcess.start({ ...settings, DRAIN_MS: '800' });
    let stopped = false;
    const outcomes: number[] = [];
    const client = async () => {
      while (!stopped) {
        const { httpStatus } = await roost.api.post('{ getCities { status } }');
        outcomes.push(httpStatus);
      }
    };
    const clients = Promise.all(Array.from({ length: 8 }, client));
    // However slow the machine: SIGTERM comes in mid-load, and much of the load after it.
    await eventually(() => Promise.resolve(outcomes.length > 50), 'the load to run', 20_000);
    const before = outcomes.length;
    const ended = roost.end('SIGTERM');
    setTimeout(() => (stopped = true), 400);
    await clients;
    expect(await ended).toBe(0);
    expect(outcomes.length).toBeGreaterThan(before);
    expect(new Set(outcomes)).toEqual(new Set([200]));
  });

  it('in production opens no Sandbox and answers no introspection', async () => {
    const production = await RoostProcess.start({ ...settings, NODE_ENV: 'production' });
    const page = await fetch(`${production.url}/graphql`, { headers: { accept: 'text/html' } });
    expect(page.status).not.toBe(200);
    expect((await production.api.post('{ __schema { types { name } } }')).httpStatus).toBe(400);
    const lines = production.output.trim().split('\n');
    expect(lines.map((line) => typeof JSON.parse(line).msg)).toEqual(lines.map(() => 'string'));
    expect(await production.end()).toBe(0);
  });

  it('in development opens Sandbox on a document that the schema understands', async () => {
    const roost = await RoostProcess.start({ ...settings, NODE_ENV: 'development' });
    const page = await (await fetch(`${roost.url}/graphql`, { headers: { accept: 'text/html' } })).text();
    expect(page).toContain('SignInAsLandlord');
    expect(page).toContain(
      'Bearer <accessToken>'.replace(/[<>]/g, (sign) => (sign === '<' ? '\\u003c' : '\\u003e')).slice(0, 12),
    );
    await roost.end();
  });

  it.each([
    ['no secret', { JWT_SECRET: '' }, 'JWT_SECRET is missing'],
    ['a short secret', { JWT_SECRET: 'short' }, 'JWT_SECRET is too short'],
    ['bad numbers', { PORT: 'x', DATABASE_POOL_SIZE: '0' }, 'DATABASE_POOL_SIZE must be a whole number'],
    ['no keys for personal data', { DATA_KEYS: '' }, 'DATA_KEYS is missing'],
    [
      'a malformed key',
      { EMAIL_INDEX_KEYS: 'i1:short' },
      'EMAIL_INDEX_KEYS must be keys of the form id:base64',
    ],
    ['no database', { DATABASE_URL: '' }, 'DATABASE_URL is missing'],
  ])('refuses to start with %s, in plain words', async (_, overrides, words) => {
    const roost = RoostProcess.spawn({ PORT: '0', ...settings, NODE_ENV: 'production', ...overrides });
    expect(await roost.exited()).toBe(1);
    expect(roost.output).toContain('Roost cannot start with these settings:');
    expect(roost.output).toContain(words);
    expect(roost.output).not.toMatch(/^\s+at /m);
  });

  it('says when its port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const roost = RoostProcess.spawn({ ...settings, PORT: String(port) });
    expect(await roost.exited()).toBe(1);
    expect(roost.output).toContain(`Port ${port} is taken by another program.`);
    other.close();
  });
});

describe('two servers and a worker apart', () => {
  it('are one Roost: sessions, sockets, presence and the queue are shared', async () => {
    const settings = processSettings(await cloneDatabase(), { WORKER: 'apart' });
    const [a, b, worker] = await Promise.all([
      RoostProcess.start(settings),
      RoostProcess.start(settings),
      RoostProcess.start(settings, 'worker'),
    ]);
    const world = new World({ api: b.api } as TestApp);
    const [landlord, tenant] = [await world.landlord(), await world.tenant()];
    const { id: placeId } = await world.place(landlord);
    const onA = await Live.connect(a.url, landlord.token);
    const onB = await Live.connect(b.url, landlord.token);
    for (let n = 0; n < 5; n++) await world.ask(tenant, placeId, inDays(n), inDays(n + 1));
    await onA.receive(5);
    await onB.receive(5);
    expect(onA.sequences).toEqual([1, 2, 3, 4, 5]);
    await b.api.must('signOut', { refreshToken: landlord.refreshToken });
    const started = Date.now();
    await onA.until(() => onA.has('disconnect'), 'the socket on the other instance to close');
    expect(Date.now() - started).toBeLessThan(1000);
    expect((await a.api.call('verifyUser', {}, landlord.token)).code).toBe('SESSION_EXPIRED');
    await eventually(() => Promise.resolve(onB.has('disconnect')), 'the socket here to close');
    for (const roost of [a, b, worker]) expect(await roost.end()).toBe(0);
  });
});
