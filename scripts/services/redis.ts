// A real Redis of our own: redis-server from the PATH, else from the package manager, else built from source.
import { type ChildProcess, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { freePort, spawnGuarded, stopChild, stopLeftOver } from './processes.js';

export interface RunningRedis {
  url: string;
  process: ChildProcess;
  stop: () => Promise<void>;
}

interface RedisOptions {
  /** Where its data lies. */
  folder: string;
  /** Told in plain words what is going on. */
  say: (sentence: string) => void;
  /** Extra lines of its configuration. */
  settings?: string[];
  /** Where it was before; left out: any free port, with a new password. */
  address?: URL;
}

export async function startRedis({
  folder,
  say,
  settings = [],
  address,
}: RedisOptions): Promise<RunningRedis> {
  const program = await findRedis(say);
  mkdirSync(folder, { recursive: true });
  const pidFile = join(folder, 'redis.pid');
  if (existsSync(pidFile))
    await stopLeftOver(Number(readFileSync(pidFile, 'utf8')), ['redis-server'], 'SIGTERM');
  const port = address === undefined ? await freePort() : Number(address.port);
  const password = address?.password ?? randomBytes(24).toString('base64url');
  const log = openSync(join(folder, 'redis.log'), 'a');
  // The password stays out of the command line, which every user of the machine can read.
  const child = spawnGuarded(program, ['-'], 'SIGTERM', { cwd: folder, stdio: ['pipe', log, log] });
  child.stdin?.end(
    [
      'bind 127.0.0.1',
      `port ${port}`,
      `requirepass ${password}`,
      `dir ${JSON.stringify(folder)}`,
      'appendonly yes',
      'save ""',
      'maxmemory-policy noeviction',
      ...settings,
    ].join('\n'),
  );
  writeFileSync(pidFile, String(child.pid));
  const url = `redis://:${password}@127.0.0.1:${port}`;
  await untilReady(
    url,
    () => child.exitCode === null && child.signalCode === null,
    join(folder, 'redis.log'),
  );
  return {
    url,
    process: child,
    stop: async () => {
      await stopChild(child, 'SIGTERM');
      rmSync(pidFile, { force: true });
    },
  };
}

async function findRedis(say: (sentence: string) => void): Promise<string> {
  const found = onPath('redis-server') ?? installed(say) ?? (await built(say));
  if (found !== null) return found;
  throw new Error(
    'Roost needs Redis, and there is no redis-server on this machine, nor a way to get one from here. Install it ' +
      '(Debian, Ubuntu: sudo apt-get install redis-server; macOS: brew install redis), or set REDIS_URL, then try again.',
  );
}

function onPath(program: string): string | null {
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter),
    '/usr/local/bin',
    '/usr/bin',
    '/opt/homebrew/bin',
  ];
  return folders.map((folder) => join(folder, program)).find((file) => existsSync(file)) ?? null;
}

/** Where this user may use the system's package manager. A service that the package brings along is not started. */
function installed(say: (sentence: string) => void): string | null {
  if (process.getuid?.() !== 0 || onPath('apt-get') === null) return null;
  say('There is no redis-server here: installing it with the system’s package manager.');
  const policy = '/usr/sbin/policy-rc.d';
  const noPolicy = !existsSync(policy);
  if (noPolicy) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const run = (...args: string[]) => spawnSync('apt-get', args, { env, stdio: 'ignore' }).status === 0;
    const install = () => run('install', '--yes', '--no-install-recommends', 'redis-server');
    // The lists may be old or missing.
    if (!install()) {
      run('update');
      install();
    }
  } finally {
    if (noPolicy) rmSync(policy);
  }
  return onPath('redis-server');
}

async function built(say: (sentence: string) => void): Promise<string | null> {
  say('There is no redis-server here: building one from source. This takes a minute or two, once.');
  try {
    const { RedisBinary } = await import('redis-memory-server');
    return await RedisBinary.getPath({ version: '7.2.7' });
  } catch {
    return null;
  }
}

async function untilReady(url: string, isRunning: () => boolean, log: string): Promise<void> {
  const client = new Redis(url, { retryStrategy: () => 20, maxRetriesPerRequest: null });
  client.on('error', () => undefined);
  try {
    const pong = client.ping();
    for (let waited = 0; waited < 30_000; waited += 20) {
      if ((await Promise.race([pong, sleep(20)])) === 'PONG') return;
      if (!isRunning()) break;
    }
  } finally {
    client.disconnect();
  }
  throw new Error(
    `Redis did not start. The end of its log (${log}):\n${readFileSync(log, 'utf8').slice(-2000)}`,
  );
}
