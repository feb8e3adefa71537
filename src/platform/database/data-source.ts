// TypeORM's connection to PostgreSQL: one pool per process.
import pg from 'pg';
import { DataSource } from 'typeorm';
import { MIGRATIONS } from '../../../migrations/all.js';
import { entityClasses } from './columns.js';
import { parserOf } from './parsers.js';

/**
 * A connection may end at any instant, also while nobody happens to listen: between two statements, or while it is
 * handed back. Without a listener of its own that would end the process; whoever uses it next is told anyway.
 */
class Client extends pg.Client {
  constructor(config?: pg.ClientConfig) {
    super(config);
    this.on('error', () => undefined);
    // What was gathered leaves as one buffer: for small ones, a list of them costs the system more than a copy.
    const { stream } = this.connection;
    stream._writev = (chunks, done) => {
      stream._write(
        Buffer.concat(chunks.map(({ chunk }) => chunk as Buffer)),
        'buffer' as BufferEncoding,
        done,
      );
    };
  }
}

interface Connection {
  url: string;
  poolSize: number;
  /** Longest wait for a connection and longest statement; 0 for migrations, which may take their time. */
  timeoutMs: number;
}

/**
 * Plans that hold for any values. Left to choose, PostgreSQL plans writes to partitioned tables anew each time, because
 * the plan for one partition looks cheaper than the one that finds out at run time: that took as long as the write.
 */
const GENERIC_PLANS = '-c plan_cache_mode=force_generic_plan';

export function createDataSource({ url, poolSize, timeoutMs }: Connection): DataSource {
  return new DataSource({
    type: 'postgres',
    url,
    poolSize,
    applicationName: 'roost',
    connectTimeoutMS: timeoutMs || 10_000,
    synchronize: false,
    installExtensions: false,
    logging: false,
    entities: entityClasses(),
    migrations: MIGRATIONS,
    migrationsTableName: 'schema_migration',
    // A broken idle connection is replaced at its next use; the request that meets it is told UNAVAILABLE.
    poolErrorHandler: () => undefined,
    extra: { Client, options: GENERIC_PLANS, ...session(timeoutMs) },
  });
}

/** A client for many statements at once, not connected yet. */
export function createReadClient({ url, timeoutMs }: Omit<Connection, 'poolSize'>): pg.Client {
  return new Client({
    connectionString: url,
    application_name: 'roost',
    connectionTimeoutMillis: timeoutMs || 10_000,
    // Statements may be sent behind others that are not answered yet.
    pipeline: true,
    ...session(timeoutMs),
  });
}

/** For statements that do not come from here: TypeORM's own. */
const types = { getTypeParser: ((type) => parserOf(type)) satisfies typeof pg.types.getTypeParser };

function session(timeoutMs: number) {
  return {
    types,
    keepAlive: true,
    statement_timeout: timeoutMs,
    lock_timeout: timeoutMs,
    idle_in_transaction_session_timeout: timeoutMs === 0 ? 0 : timeoutMs * 2,
  };
}
