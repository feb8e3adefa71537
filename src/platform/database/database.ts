// PostgreSQL for the repositories: single statements, and transactions with hooks that run after COMMIT.
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Pool, PoolClient } from 'pg';
import { DataSource } from 'typeorm';
import { AppError } from '../errors/app-error.js';
import { type Answer, runBatch, type Statement } from './batch.js';
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
      const client = await this.pool().connect();
      try {
        const [answer] = await runBatch(client, [prepared(text, values)]);
        return (answer?.rows ?? []) as Row[];
      } finally {
        client.release();
      }
    } catch (error) {
      throw toAppError(error);
    }
  }

  /** Runs one statement that only reads and waits for no lock, together with whatever else is being read. */
  async read<Row extends object>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    try {
      return (await this.lines.query(prepared(text, values))) as Row[];
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

const BEGIN: Statement = { text: 'BEGIN', values: [], name: 'roost_begin' };
const COMMIT: Statement = { text: 'COMMIT', values: [], name: 'roost_commit' };

/** A statement that waits to be sent, and who waits for its rows. */
interface Waiting {
  readonly statement: Statement;
  readonly resolve: (rows: object[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * One transaction, on a connection of its own. What is asked for in one go is sent in one go: PostgreSQL runs it in that
 * order, and after a statement that failed none. So what needs no answer in between is one round trip; where that is all
 * there is to the transaction, it is sent without BEGIN and COMMIT.
 */
export class Transaction implements Sql {
  private readonly hooks: (() => void)[] = [];
  private waiting: Waiting[] = [];
  private state: 'open' | 'closing' | 'over' = 'open';
  private begun = false;
  private committed = false;

  constructor(private readonly client: PoolClient) {}

  query<Row extends object>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    if (this.state === 'over') return Promise.reject(new Error('This transaction is over.'));
    if (this.state === 'open' && this.waiting.length === 0) {
      process.nextTick(() => {
        if (this.state === 'open' && this.waiting.length > 0) this.sendOn();
      });
    }
    return new Promise<object[]>((resolve, reject) => {
      this.waiting.push({ statement: prepared(text, values), resolve, reject });
    }) as Promise<Row[]>;
  }

  /**
   * Sends the last statements, and commits with them. `send` answers a promise for each; where one fails nothing is
   * committed, and its failure is thrown. Finding nothing to change is no failure.
   */
  async commitWith<Answers extends readonly Promise<unknown>[]>(
    send: () => readonly [...Answers],
  ): Promise<{ [Index in keyof Answers]: Awaited<Answers[Index]> }> {
    const before = this.waiting.length;
    this.state = 'closing';
    const answers = send();
    const all = Promise.all(answers);
    // Whatever fails by itself has failed by the next tick, and nothing was sent until then.
    const failed = await Promise.race([
      all.then(
        () => false,
        () => true,
      ),
      new Promise<false>((resolve) => {
        process.nextTick(resolve, false);
      }),
    ]);
    if (failed || this.waiting.length - before !== answers.length) {
      const error = new Error('Each of the last statements must be sent at once.');
      this.refuse(error);
      await all;
      throw error;
    }
    const outcomes = await Promise.allSettled([...answers, this.end()]);
    const fault = outcomes.find(({ status }) => status === 'rejected');
    if (fault?.status === 'rejected') throw fault.reason;
    this.runHooks();
    return all;
  }

  /** Registers what is to happen once this is committed; a hook neither fails nor delays the caller. */
  afterCommit(hook: () => void): void {
    this.hooks.push(hook);
  }

  /** Called by {@link Database} alone; does nothing where {@link commitWith} was the end. */
  async commit(): Promise<void> {
    if (this.state === 'over') return;
    await this.end();
    this.runHooks();
  }

  /** Called by {@link Database} alone. */
  async rollback(): Promise<void> {
    this.refuse(new Error('This transaction was given up.'));
    if (this.begun && !this.committed) await this.client.query('ROLLBACK').catch(() => undefined);
  }

  /** The transaction goes on after this. */
  private sendOn(): void {
    const first = this.begun ? [] : [BEGIN];
    this.begun = true;
    // Whoever waits for a statement is told.
    this.send(first, []).catch(() => undefined);
  }

  private async end(): Promise<void> {
    this.state = 'over';
    const last = await this.send([], this.begun ? [COMMIT] : []);
    // PostgreSQL's answer to COMMIT where a statement failed before.
    if (last?.tag === 'ROLLBACK')
      throw new Error('A transaction with a failed statement cannot be committed.');
    this.committed = true;
  }

  /** Sends what waits, and answers what the last statement gave. */
  private async send(first: readonly Statement[], last: readonly Statement[]): Promise<Answer | undefined> {
    const waiting = this.waiting.splice(0);
    const statements = [...first, ...waiting.map(({ statement }) => statement), ...last];
    if (statements.length === 0) return undefined;
    try {
      const answers = await runBatch(this.client, statements);
      for (const [index, { resolve }] of waiting.entries())
        resolve(answers[first.length + index]?.rows ?? []);
      return answers.at(-1);
    } catch (error) {
      for (const { reject } of waiting) reject(error);
      throw error;
    }
  }

  /** Sends nothing any more. */
  private refuse(error: Error): void {
    this.state = 'over';
    for (const { reject } of this.waiting.splice(0)) reject(error);
  }

  private runHooks(): void {
    for (const hook of this.hooks) hook();
  }
}

const names = new Map<string, string>();

/** Connections keep what they prepared: far more than the statements of this code, and a bound all the same. */
const MAX_NAMES = 1000;

/** A name per statement text, so that PostgreSQL parses and plans it once per connection. */
function prepared(text: string, values: readonly unknown[]): Statement {
  let name = names.get(text);
  if (name === undefined && names.size < MAX_NAMES) {
    name = `roost_${names.size}`;
    names.set(text, name);
  }
  return name === undefined ? { text, values } : { name, text, values };
}
