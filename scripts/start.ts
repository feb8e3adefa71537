// `npm start`: sets everything up, starts it, and stops it again.
import { type ChildProcess, execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { DEMO_LANDLORD, DEMO_TENANT } from '../src/platform/graphql/sandbox.js';
import { build } from './build.js';
import { seedDemo } from './demo.js';
import { ADDRESSES, HOME } from './services/addresses.js';
import { ensureDatabase, startPostgres } from './services/postgres.js';
import { commandOf, isAlive, spawnGuarded, statusOf, stopChild } from './services/processes.js';
import { startRedis } from './services/redis.js';

const run = promisify(execFile);

interface Started {
  name: string;
  stop: () => Promise<void>;
}

const started: Started[] = [];
const dataLies: string[] = [];
let stopping: Promise<never> | null = null;

const began = performance.now();
try {
  await start();
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : String(error)}`);
  await stop(1);
}

async function start(): Promise<void> {
  if (existsSync('.env')) process.loadEnvFile('.env');
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stop(0));
  stopWithParents();
  mkdirSync(HOME, { recursive: true });
  takeLock();
  const [databaseUrl, redisUrl] = await Promise.all([database(), redis(), build(say)]);
  const env = { ...process.env, DATABASE_URL: databaseUrl, REDIS_URL: redisUrl };
  leaveAddresses({ DATABASE_URL: databaseUrl, REDIS_URL: redisUrl });
  await migrate(env);
  const app = await serve(env);
  const address = addressOf(env);
  await demo(databaseUrl, `${address}/graphql`);
  app.once('exit', () => {
    if (stopping === null) console.error('\nThe server stopped by itself; see its log above.');
    void stop(1);
  });
  sumUp(address);
}

/** npm may be killed without a word to us: then this goes, too. */
function stopWithParents(): void {
  const parents = [process.ppid];
  // npm runs scripts through a shell, which would not tell us either.
  const shell = /^\/?(usr\/)?(bin\/)?(ba|da)?sh -c /.exec(commandOf(process.ppid) ?? '');
  const above = shell === null ? null : parentOf(process.ppid);
  if (above !== null && (commandOf(above) ?? '').includes('npm')) parents.push(above);
  setInterval(() => {
    if (process.ppid !== parents[0] || !parents.every(isAlive)) void stop(1);
  }, 500).unref();
}

function parentOf(pid: number): number | null {
  const parent = /^PPid:\s*(\d+)/m.exec(statusOf(pid))?.[1];
  return parent === undefined ? null : Number(parent);
}

/** Two at a time in one folder would fight over its data. */
function takeLock(): void {
  const file = join(HOME, 'start.pid');
  const other = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
  if (
    other > 0 &&
    other !== process.pid &&
    isAlive(other) &&
    (commandOf(other) ?? 'scripts/start.ts').includes('scripts/start.ts')
  ) {
    throw new Error(
      `Roost runs in this folder already, as process ${other}. Stop that one first (Ctrl-C, or kill ${other}).`,
    );
  }
  writeFileSync(file, String(process.pid));
  started.push({ name: 'the lock', stop: () => rm(file, { force: true }) });
}

async function database(): Promise<string> {
  if (process.env.DATABASE_URL) {
    dataLies.push('in the database at DATABASE_URL');
    say('PostgreSQL: the one at DATABASE_URL.');
    return process.env.DATABASE_URL;
  }
  const folder = join(HOME, 'postgres');
  const postgres = await startPostgres({ folder, say });
  started.push({ name: 'PostgreSQL', stop: postgres.stop });
  await ensureDatabase(postgres, 'roost');
  dataLies.push(postgres.folder);
  say(`PostgreSQL: our own, data in ${postgres.folder}.`);
  return postgres.url('roost');
}

async function redis(): Promise<string> {
  if (process.env.REDIS_URL) {
    dataLies.push('in the Redis at REDIS_URL');
    say('Redis: the one at REDIS_URL.');
    return process.env.REDIS_URL;
  }
  const folder = join(HOME, 'redis');
  const server = await startRedis({ folder, say });
  started.push({ name: 'Redis', stop: server.stop });
  dataLies.push(folder);
  say(`Redis: our own, data in ${folder}.`);
  return server.url;
}

/** For `npm run queue`. */
function leaveAddresses(addresses: Record<string, string>): void {
  writeFileSync(ADDRESSES, JSON.stringify(addresses), { mode: 0o600 });
  started.push({ name: 'the addresses', stop: () => rm(ADDRESSES, { force: true }) });
}

async function migrate(env: NodeJS.ProcessEnv): Promise<void> {
  try {
    const { stdout } = await run(process.execPath, ['dist/src/migrate.js'], { env });
    say(`Schema: ${stdout.trim()}`);
  } catch (error) {
    throw new Error(`The schema could not be brought up to date. ${(error as { stderr: string }).stderr}`);
  }
}

function serve(env: NodeJS.ProcessEnv): Promise<ChildProcess> {
  const app = spawnGuarded(process.execPath, ['--enable-source-maps', 'dist/src/main.js'], 'SIGTERM', {
    env,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  started.push({ name: 'the server', stop: () => stopChild(app, 'SIGTERM') });
  return new Promise((ready, fail) => {
    app.once('message', () => {
      ready(app);
    });
    app.once('exit', () => {
      fail(new Error('The server could not start; see above.'));
    });
  });
}

/** Fills an empty database once. An attempt that was interrupted is finished the next time. */
async function demo(databaseUrl: string, url: string): Promise<void> {
  const unfinished = join(HOME, 'demo-unfinished');
  if (!existsSync(unfinished) && !(await isEmpty(databaseUrl))) return;
  say('Filling in a small demo set.');
  writeFileSync(unfinished, '');
  await seedDemo(url);
  rmSync(unfinished);
}

async function isEmpty(databaseUrl: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return (await client.query('SELECT FROM user_key LIMIT 1')).rowCount === 0;
  } finally {
    await client.end();
  }
}

function addressOf({ HOST = '127.0.0.1', PORT = '3000' }: NodeJS.ProcessEnv): string {
  return `http://${HOST === '0.0.0.0' || HOST === '127.0.0.1' ? 'localhost' : HOST}:${PORT}`;
}

function sumUp(address: string): void {
  const seconds = Math.round((performance.now() - began) / 100) / 10;
  console.log(`
Roost is ready, after ${seconds} s.

  API        ${address}/graphql
  Sandbox    ${address}/graphql  (open it in a browser)
  Sockets    ${address}/notifications  (Socket.IO)
  Health     ${address}/health/ready

  Landlord   ${DEMO_LANDLORD.email}  password: ${DEMO_LANDLORD.password}
  Tenant     ${DEMO_TENANT.email}    password: ${DEMO_TENANT.password}

  Data       ${dataLies.join('\n             ')}

Ctrl-C stops everything; the data stays.
`);
}

function say(sentence: string): void {
  if (stopping === null) console.log(`· ${sentence}`);
}

function stop(code: number): Promise<never> {
  stopping ??= (async () => {
    if (started.length > 1) console.log('\nStopping.');
    for (const { stop: stopOne } of started.reverse()) await stopOne();
    process.exit(code);
  })();
  return stopping;
}
