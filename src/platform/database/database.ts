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
    const client = await this.pool().connect();
    const tx = new Transaction(client);
    try {
      const result = await work(tx);
      await tx.commit();
      return result;
    } catch (error) {
      await tx.rollback();
      throw error;
    } finally {
      // Whoever has the connection next must not find a transaction open on it.
      client.release(client.getTransactionStatus() !== 'I');
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

/** Statements that change nothing: locks, too, are gone with the statement where there is no transaction. */
const READS = /^\s*SELECT\b/;

/**
 * One transaction, on a connection of its own. Statements are sent at once, also behind others that are not answered yet:
 * PostgreSQL runs them in that order, and after one that failed none. So what needs no answer in between is one round trip.
 */
export class Transaction implements Sql {
  private readonly hooks: (() => void)[] = [];
  private state: 'fresh' | 'beginning' | 'open' | 'ended' = 'fresh';
  private beginning: Promise<unknown> | null = null;
  private sent = 0;

  constructor(private readonly client: PoolClient) {}

  /** BEGIN travels with what is read first. A write waits until it is answered: without it, the write would stand alone. */
  async query<Row extends object>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    if (this.state === 'fresh') void this.begin();
    if (this.state === 'beginning' && !READS.test(text)) await this.beginning;
    if (this.state === 'ended') throw new Error('This transaction is over.');
    this.sent++;
    this.gather();
    const answer = this.client.query<Row>(prepared(text, values));
    const [{ rows }] = await Promise.all([answer, this.beginning]);
    return rows;
  }

  /**
   * Sends the last statements and COMMIT right behind them. `send` answers a promise for each; where one fails nothing is
   * committed, and the first failure is thrown. Finding nothing to change is no failure.
   */
  async commitWith<Answers extends readonly Promise<unknown>[]>(
    send: () => readonly [...Answers],
  ): Promise<{ [Index in keyof Answers]: Awaited<Answers[Index]> }> {
    await (this.state === 'fresh' ? this.begin() : this.beginning);
    const before = this.sent;
    const answers = send();
    if (this.sent - before !== answers.length) {
      // One that failed before PostgreSQL heard of it would not keep PostgreSQL from committing the others.
      await Promise.all(answers);
      throw new Error('Each of the last statements must be sent at once.');
    }
    const outcomes = await Promise.allSettled([...answers, this.end()]);
    const failed = outcomes.find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') throw failed.reason;
    this.runHooks();
    return Promise.all(answers);
  }

  /** Registers what is to happen once this is committed; a hook neither fails nor delays the caller. */
  afterCommit(hook: () => void): void {
    this.hooks.push(hook);
  }

  /** Called by {@link Database} alone; does nothing where {@link commitWith} was the end. */
  async commit(): Promise<void> {
    if (this.state === 'ended') return;
    await this.end();
    this.runHooks();
  }

  /** Called by {@link Database} alone. */
  async rollback(): Promise<void> {
    if (this.state === 'ended') return;
    this.state = 'ended';
    if (this.beginning !== null) await this.client.query('ROLLBACK').catch(() => undefined);
  }

  private begin(): Promise<unknown> {
    this.state = 'beginning';
    this.gather();
    this.beginning = this.client.query('BEGIN').then(() => {
      if (this.state === 'beginning') this.state = 'open';
    });
    // Whoever sent the statement behind it is told.
    this.beginning.catch(() => undefined);
    return this.beginning;
  }

  private async end(): Promise<void> {
    this.state = 'ended';
    if (this.beginning === null) return;
    this.gather();
    const { command } = await this.client.query('COMMIT');
    // PostgreSQL's answer to COMMIT where a statement failed before.
    if (command !== 'COMMIT') throw new Error('A transaction with a failed statement cannot be committed.');
  }

  /** What is sent in one go goes to PostgreSQL in one write: each write is a call of the system, and dear. */
  private gather(): void {
    const { stream } = this.client.connection;
    if (stream.writableCorked > 0) return;
    stream.cork();
    process.nextTick(() => {
      stream.uncork();
    });
  }

  private runHooks(): void {
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
