// The servers that are compared, each in a process of its own, and what they take from the machine.
import { type ChildProcess, execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { freePort, spawnGuarded, statusOf, stopChild } from '../scripts/services/processes.js';
import { KEYS } from '../test/support/keys.js';

export const CONTESTANTS = ['floor', 'roost', 'mercurius', 'vanilla'] as const;
export type Name = (typeof CONTESTANTS)[number];

const BUILT = '.roost/bench';

const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };

/** Arguments for node. */
const PROGRAMS: Record<Name, string[]> = {
  floor: [`${BUILT}/contestants/floor.js`],
  roost: (scripts['start:prod'] ?? '').split(' ').slice(1),
  mercurius: [`${BUILT}/contestants/mercurius.js`],
  vanilla: [`${BUILT}/contestants/vanilla/main.js`],
};

/** What all of them are told. As many database connections for each as Roost has when nobody says otherwise. */
export interface Settings {
  databaseUrl: string;
  redisUrl: string;
  secret: string;
  more?: Record<string, string>;
  /** Another folder than `dist` to take Roost from. */
  dist?: string;
}

export class Contestant {
  private constructor(
    readonly name: Name,
    readonly url: string,
    private readonly child: ChildProcess,
    /** From the start of the process to its word that it listens. */
    readonly startMs: number,
  ) {}

  static async start(
    name: Name,
    { databaseUrl, redisUrl, secret, more = {}, dist = 'dist' }: Settings,
    flags: string[] = [],
  ): Promise<Contestant> {
    const port = await freePort();
    const { PATH = '', HOME = '' } = process.env;
    const began = performance.now();
    const program = PROGRAMS[name].map((word) => word.replace(/^dist(?=\/)/, dist));
    const child = spawnGuarded(process.execPath, [...flags, ...program], 'SIGTERM', {
      env: {
        ...{ PATH, HOME, NODE_ENV: 'production', PORT: String(port), JWT_SECRET: secret },
        ...{ DATABASE_URL: databaseUrl, DATABASE_POOL_SIZE: '20', REDIS_URL: redisUrl },
        ...{ DATA_KEYS: KEYS.data[0], EMAIL_INDEX_KEYS: KEYS.index[0] },
        ...{ RATE_LIMITS: 'off', ...more },
      },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-2000)));
    }
    const [word] = (await Promise.race([once(child, 'message'), once(child, 'exit')])) as unknown[];
    if (word !== 'ready') throw new Error(`${name} did not start:\n${said}`);
    const contestant = new Contestant(name, `http://127.0.0.1:${port}`, child, performance.now() - began);
    child.once('exit', () => {
      if (!contestant.stopping) console.error(`${name} stopped by itself. Its last words:\n${said}`);
    });
    return contestant;
  }

  private stopping = false;

  async stop(): Promise<void> {
    this.stopping = true;
    await stopChild(this.child, 'SIGTERM');
  }

  /** Milliseconds of processor time that it has taken so far, all threads; null where the system does not tell. */
  cpuMs(): number | null {
    try {
      const stat = readFileSync(`/proc/${this.child.pid}/stat`, 'utf8');
      // The name in brackets may hold blanks; utime and stime are the 14th and 15th field.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerSecond();
    } catch {
      return null;
    }
  }

  /** Resident memory in MiB; null where the system does not tell. */
  memoryMiB(): number | null {
    const kib = /^VmRSS:\s*(\d+)/m.exec(statusOf(this.child.pid ?? 0))?.[1];
    return kib === undefined ? null : Number(kib) / 1024;
  }

  /** Sends a word to the process and answers what it says to that. */
  async ask<Answer>(word: string): Promise<Answer> {
    const answered = once(this.child, 'message');
    this.child.send(word);
    return ((await answered) as [Answer])[0];
  }
}

let ticks: number | null = null;

function ticksPerSecond(): number {
  ticks ??= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  return ticks;
}

/** Compiles the contestants that live here. */
export async function buildContestants(): Promise<void> {
  const args = ['bench/contestants', '--out-dir', BUILT, '--strip-leading-paths', '--config-file', '.swcrc'];
  await promisify(execFile)(process.execPath, ['node_modules/@swc/cli/bin/swc.js', ...args]);
}
