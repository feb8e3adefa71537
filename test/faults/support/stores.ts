// A PostgreSQL and a Redis of our own, to be killed, frozen and started again where they were.
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { ensureDatabase, type RunningPostgres, startPostgres } from '../../../scripts/services/postgres.js';
import { type RunningRedis, startRedis } from '../../../scripts/services/redis.js';

const run = promisify(execFile);
const DATABASE = 'roost';
const say = () => undefined;

export class Stores {
  private constructor(
    private readonly folder: string,
    private postgres: RunningPostgres,
    private redis: RunningRedis,
  ) {}

  /** Durable, as in production: what is acknowledged must survive. `redisSettings` come last and win. */
  static async start(): Promise<Stores> {
    const folder = mkdtempSync(join(tmpdir(), 'roost-faults-'));
    // Where we are root, PostgreSQL's user must get through to its data.
    chmodSync(folder, 0o711);
    const [postgres, redis] = await Promise.all([
      startPostgres({ folder: join(folder, 'postgres'), say }),
      startRedis({ folder: join(folder, 'redis'), say }),
    ]);
    await ensureDatabase(postgres, DATABASE);
    await run(process.execPath, ['dist/src/migrate.js'], {
      env: { ...process.env, DATABASE_URL: postgres.url(DATABASE) },
    });
    return new Stores(folder, postgres, redis);
  }

  get databaseUrl(): string {
    return this.postgres.url(DATABASE);
  }

  get redisUrl(): string {
    return this.redis.url;
  }

  /** As `pg_ctl stop -m immediate` does: no checkpoint, no goodbye. */
  async crashPostgres(): Promise<void> {
    const { process: child } = this.postgres;
    const gone = once(child, 'exit');
    child.kill('SIGQUIT');
    await gone;
  }

  async restartPostgres(): Promise<void> {
    const { port } = this.postgres;
    this.postgres = await startPostgres({ folder: join(this.folder, 'postgres'), port, say });
  }

  async killRedis(): Promise<void> {
    const { process: child } = this.redis;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  /** Without AOF it comes back empty. */
  async restartRedis(aof = true): Promise<void> {
    this.redis = await startRedis({
      folder: join(this.folder, 'redis'),
      say,
      address: new URL(this.redis.url),
      settings: aof ? [] : ['appendonly no'],
    });
  }

  freezeRedis(): boolean {
    return this.redis.process.kill('SIGSTOP');
  }

  thawRedis(): boolean {
    return this.redis.process.kill('SIGCONT');
  }

  /** Runs commands on a connection of its own. */
  async withRedis<T>(work: (redis: Redis) => Promise<T>): Promise<T> {
    const redis = new Redis(this.redisUrl);
    try {
      return await work(redis);
    } finally {
      redis.disconnect();
    }
  }

  async stop(): Promise<void> {
    await Promise.all([this.postgres.stop(), this.redis.stop()]);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
