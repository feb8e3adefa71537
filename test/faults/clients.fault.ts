// F14 to F18: clients that are in two places, freeze, die, are slow, or come and go in crowds.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { Socket as NetSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { io, type Socket } from 'socket.io-client';
import { statusOf } from '../../scripts/services/processes.js';
import { eventually } from '../support/live.js';
import type { Person } from '../support/world.js';
import { Cluster, FLAWLESS, type Instance } from './support/cluster.js';
import { longOrShort } from './support/form.js';

/** Resident memory of a process, in MB. */
function memoryOf({ process: { child } }: Instance): number {
  return Number(/VmRSS:\s+(\d+)/.exec(statusOf(child.pid ?? 0))?.[1]) / 1024;
}

describe('clients', () => {
  let cluster: Cluster;
  let a: Instance;
  let b: Instance;

  beforeAll(async () => {
    cluster = await Cluster.start({ PRESENCE_TTL_SECONDS: '3' });
    a = await cluster.add();
    b = await cluster.add();
  });

  afterEach(() => cluster.clear());
  afterAll(() => cluster.stop());

  it('F14 one user on both instances hears everything on each, also when one is killed', async () => {
    const households = await cluster.households(2);
    const people = households.flatMap(({ landlord, tenant }) => [landlord, tenant]);
    cluster.listen(people, { urls: () => [a.url] });
    cluster.listen(people, { urls: () => [b.url] });
    const load = cluster.load(households, { pauseMs: 20, urls: () => [a.url] });
    await sleep(2000);
    await b.end('SIGKILL');
    await sleep(1000);
    await b.start();
    await load.stop();
    const verdict = await cluster.verdict(load);
    expect(verdict).toMatchObject(FLAWLESS);
    expect(verdict.received).toBe(2 * verdict.committed);
  });

  it('F15 a client frozen, then killed, goes on from what it kept', async () => {
    const [household] = await cluster.households(1);
    if (household === undefined) throw new Error('A household was made.');
    const { landlord } = household;
    const folder = mkdtempSync(join(tmpdir(), 'roost-keeper-'));
    const file = join(folder, 'kept');
    const start = () =>
      spawn(process.execPath, ['test/faults/support/keeper.mjs', a.url, landlord.token, file], {
        stdio: 'inherit',
      });
    const kept = () => readFileSync(file, 'utf8').split('\n').slice(0, -1);
    const load = cluster.load([household], { pauseMs: 5 });
    let keeper = start();
    await sleep(1000);
    for (let times = 0; times < 3; times++) {
      keeper.kill('SIGSTOP');
      await sleep(longOrShort(3000, 1500));
      keeper.kill('SIGKILL');
      await once(keeper, 'exit');
      keeper = start();
      await sleep(700);
    }
    await load.stop();
    const { rows } = await cluster.sql.query<{ id: string }>(
      'SELECT id FROM notification WHERE recipient_id = $1 ORDER BY sequence',
      [landlord.id],
    );
    expect(rows.length).toBeGreaterThan(20);
    await eventually(() => Promise.resolve(kept().length >= rows.length), 'the keeper to have all', 20_000);
    await sleep(300);
    expect(kept()).toEqual(rows.map(({ id }) => id));
    const gone = once(keeper, 'exit');
    keeper.kill('SIGTERM');
    await gone;
    rmSync(folder, { recursive: true });
  });

  it('F16 slow clients with 10,000 waiting take a bounded amount of memory, and disturb nobody', async () => {
    const SLOW = 20;
    const WAITING = 10_000;
    const [crowd, lively] = await cluster.households(2);
    if (crowd === undefined || lively === undefined) throw new Error('Two households were made.');
    const load = cluster.load([]);
    await load.ask(crowd);
    await cluster.sql.query(
      `WITH counter AS (UPDATE inbox SET last_sequence = $2 WHERE recipient_id = $1)
       INSERT INTO notification (recipient_id, sequence, id, type, message, booking_id, booking_version, place_id, booking_status, check_in, check_out)
       SELECT recipient_id, n, gen_random_uuid(), type, repeat(message, 10), booking_id, n, place_id, booking_status, check_in, check_out
       FROM notification, generate_series(2, $2) n WHERE recipient_id = $1`,
      [crowd.landlord.id, WAITING],
    );
    const before = memoryOf(a);
    const slow: Socket[] = [];
    for (let n = 0; n < SLOW; n++) slow.push(await readsNothing(a.url, crowd.landlord));
    cluster.listen([lively.landlord], { urls: () => [a.url] });
    for (let n = 0; n < 10; n++) await load.ask(lively);
    await sleep(longOrShort(20_000, 5000));
    // 20 × 10,000 of them in memory would be well over 300 MB.
    expect(memoryOf(a) - before).toBeLessThan(60);
    for (const socket of slow) lineOf(socket).destroy();
    cluster.listen([crowd.landlord], { urls: () => [a.url] });
    const verdict = await cluster.verdict(load);
    expect(verdict).toMatchObject({ ...FLAWLESS, committed: WAITING + 10 });
    // All of it went through memory by then, and was let go.
    expect(memoryOf(a) - before).toBeLessThan(120);
  });

  it('F17 2,000 reconnects within a second: the pool stays bounded, and nobody else waits over a second', async () => {
    const COUNT = longOrShort(2000, 500);
    const PEOPLE = 50;
    const households = await cluster.households(PEOPLE / 2);
    const tokens = households.flatMap(({ landlord, tenant }) => [landlord.token, tenant.token]);
    const crowd = spawn(process.execPath, ['test/faults/support/stampede.mjs', a.url, String(COUNT)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const answers = createInterface({ input: crowd.stdout })[Symbol.asyncIterator]();
    const next = async () =>
      JSON.parse((await answers.next()).value as string) as { ms: number; refused: string[] };
    crowd.stdin.write(`${JSON.stringify(tokens)}\n`);
    expect((await next()).refused).toEqual([]);
    let over = false;
    let connections = 0;
    const waits: number[] = [];
    const watch = async () => {
      while (!over) {
        const { rows } = await cluster.sql.query<{ count: string }>(
          `SELECT count(*) FROM pg_stat_activity WHERE application_name = 'roost'`,
        );
        connections = Math.max(connections, Number(rows[0]?.count));
        await sleep(50);
      }
    };
    const ask = async () => {
      while (!over) {
        const started = performance.now();
        const { status } = await cluster.world(a).api.call('getCities', {});
        expect(status).toBe('OK');
        waits.push(performance.now() - started);
        await sleep(20);
      }
    };
    const watching = Promise.all([watch(), ask(), ask()]);
    crowd.stdin.write('again\n');
    const { ms, refused } = await next();
    over = true;
    await watching;
    await endOf(crowd);
    process.stderr.write(
      `  ${COUNT} reconnects took ${Math.round(ms)} ms; others waited ${Math.round(Math.max(...waits))} ms at most, over ${waits.length} requests; ${connections} connections to PostgreSQL\n`,
    );
    expect(refused).toEqual([]);
    expect(connections).toBeLessThanOrEqual(2 * 10);
    expect(Math.max(...waits)).toBeLessThan(1000);
  });

  it('F18 connecting and disconnecting quickly: presence never lies for longer than its time to live', async () => {
    const households = await cluster.households(5);
    const people = households.map(({ landlord }) => landlord);
    const load = cluster.load(households, { pauseMs: 50 });
    const devices = cluster.listen(people);
    const until = Date.now() + longOrShort(10_000, 3000);
    while (Date.now() < until) {
      for (const device of devices) if (Math.random() < 0.5) device.drop();
      await sleep(30);
    }
    const alive = (person: Person) =>
      cluster.stores.withRedis(async (redis) => {
        const [seconds, micros] = await redis.time();
        const now = Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
        return redis.zcount(`roost:presence:${person.id}`, now, '+inf');
      });
    // Those who stay are known to be there, by one socket each, once what was cut off has expired.
    await eventually(
      () => Promise.resolve(devices.every(({ isConnected }) => isConnected)),
      'devices to be back',
    );
    await sleep(3000);
    for (const person of people) expect(await alive(person)).toBe(1);
    await load.stop();
    expect(await cluster.verdict(load)).toMatchObject(FLAWLESS);
    for (const device of devices) device.stop();
    await sleep(3000);
    for (const person of people) expect(await alive(person)).toBe(0);
  });
});

async function endOf(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.stdin?.end();
  await gone;
}

/** A socket that is connected and then takes nothing off the line. */
async function readsNothing(url: string, { token }: Person): Promise<Socket> {
  const socket = io(`${url}/notifications`, {
    auth: { token, lastSequence: 0 },
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
  });
  await once(socket as unknown as NodeJS.EventEmitter, 'ready');
  lineOf(socket).pause();
  return socket;
}

/** The TCP connection below. */
function lineOf(socket: Socket): NetSocket {
  return (socket.io.engine.transport as unknown as { ws: { _socket: NetSocket } }).ws._socket;
}
