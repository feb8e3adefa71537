// PostgreSQL for the repositories: single statements, and transactions with hooks that run after COMMIT.
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Pool, PoolClient } from 'pg';
import { DataSource } from 'typeorm';
import { AppError } from '../errors/app-error.js';
import { pendingMigrations } from './migrate.js';
import { ReadLines } from './read-lines.js';
import { DATABASE_AWAY, isRetryable, toAppError } from './sql-errors.js';

/** Whatever runs SQL: the database itself (each statement its own transaction) or a transaction. */
export interface Sql {
  /** Runs one statement, kept prepared under a name; answers its rows. `text` is a constant, never built from input. */
  query<Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]>;
}

const CONNECT_RETRY_MS = 500;
const MAX_TRIES = 5;

@Injectable()
export class Database implements Sql, OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger('Database');
  private closing = false;
  private migrated = false;

  constructor(
    private readonly dataSource: DataSource,
    private readonly lines: ReadLines,
  ) {}

  /** Waits for the first attempt to connect only: where PostgreSQL is away, the app starts and says so in /health/ready. */
  async onModuleInit(): Promise<void> {
    if (await this.connect()) return;
    this.logger.warn('PostgreSQL cannot be reached yet; trying on.');
    void this.keepConnecting();
  }

  async onApplicationShutdown(): Promise<void> {
    this.closing = true;
    await this.lines.close();
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
  }

  async query<Row extends object>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    try {
      const { rows } = await this.pool().query<Row>(prepared(text, values));
      return rows;
    } catch (error) {
      throw toAppError(error);
    }
  }

  /** Runs one statement that only reads and waits for no lock, together with whatever else is being read. */
  async read<Row extends object>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    try {
      const { rows } = await this.lines.query<Row>(prepared(text, values));
      return rows;
    } catch (error) {
      throw toAppError(error);
    }
  }

  /**
   * Runs `work` in one transaction. Where it loses against another one (serialization failure, deadlock), it is run
   * again. Its `afterCommit` hooks run once it is committed, and never where it is not.
   * @throws AppError UNAVAILABLE where the database went away; the outcome is then unknown
   */
  async transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.attempt(work);
      } catch (error) {
        if (!isRetryable(error) || tries === MAX_TRIES) throw toAppError(error);
        await sleep(Math.random() * 10 * 2 ** tries);
      }
    }
  }

  /** What /health/ready needs to know: null where all is well, else what is missing, in plain words. */
  async problem(): Promise<string | null> {
    try {
      if (!this.migrated) {
        this.pool();
        const pending = await pendingMigrations(this.dataSource);
        if (pending.length > 0) return `${pending.length} migrations are pending: run npm run migrate`;
        this.migrated = true;
      }
      await this.query('SELECT 1');
      return null;
    } catch (error) {
      return toAppError(error) instanceof AppError
        ? 'PostgreSQL cannot be reached'
        : 'PostgreSQL answers with errors';
    }
  }

  private async attempt<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    this.pool();
    const runner = this.dataSource.createQueryRunner();
    try {
      const client = (await runner.connect()) as PoolClient;
      const tx = new Transaction(client);
      await runner.startTransaction();
      try {
        const result = await work(tx);
        await runner.commitTransaction();
        tx.committed();
        return result;
      } catch (error) {
        if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined);
        throw error;
      }
    } finally {
      await runner.release();
    }
  }

  private pool(): Pool {
    if (!this.dataSource.isInitialized) throw new AppError('UNAVAILABLE', DATABASE_AWAY);
    return (this.dataSource.driver as unknown as { master: Pool }).master;
  }

  private async connect(): Promise<boolean> {
    try {
      await this.dataSource.initialize();
      return true;
    } catch (error) {
      if (toAppError(error) === error) throw error;
      return false;
    }
  }

  private async keepConnecting(): Promise<void> {
    do await sleep(CONNECT_RETRY_MS, undefined, { ref: false });
    while (!this.closing && !(await this.connect()));
    if (!this.closing) this.logger.log('PostgreSQL is there.');
  }
}

/** One open transaction. */
export class Transaction implements Sql {
  private readonly hooks: (() => void)[] = [];

  constructor(private readonly client: PoolClient) {}

  async query<Row extends object>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    const { rows } = await this.client.query<Row>(prepared(text, values));
    return rows;
  }

  /** Registers what is to happen once this is committed; a hook neither fails nor delays the caller. */
  afterCommit(hook: () => void): void {
    this.hooks.push(hook);
  }

  /** Called by {@link Database} alone. */
  committed(): void {
    for (const hook of this.hooks) hook();
  }
}

const names = new Map<string, string>();

/** Connections keep what they prepared: far more than the statements of this code, and a bound all the same. */
const MAX_NAMES = 1000;

/** A name per statement text, so that PostgreSQL parses and plans it once per connection. */
function prepared(text: string, values: readonly unknown[]) {
  let name = names.get(text);
  if (name === undefined && names.size < MAX_NAMES) {
    name = `roost_${names.size}`;
    names.set(text, name);
  }
  return { name, text, values: values as unknown[] };
}
