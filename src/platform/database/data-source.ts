// TypeORM's connection to PostgreSQL: one pool per process.
import pg from 'pg';
import { DataSource } from 'typeorm';
import { MIGRATIONS } from '../../../migrations/all.js';
import { entityClasses } from './columns.js';

const { builtins } = pg.types;

/** Dates stay calendar dates; bigint counts are safe integers here (amounts and sequences end far below 2^53). */
const TYPE_PARSERS = new Map<number, (text: string) => unknown>([
  [builtins.DATE, (text) => text],
  [builtins.INT8, Number],
]);

const types = {
  getTypeParser: ((oid, format) =>
    (format === 'binary' ? undefined : TYPE_PARSERS.get(oid)) ??
    (pg.types.getTypeParser(oid, format) as (
      text: string,
    ) => unknown)) satisfies typeof pg.types.getTypeParser,
};

/**
 * A connection may end at any instant, also while nobody happens to listen: between two statements, or while it is
 * handed back. Without a listener of its own that would end the process; whoever uses it next is told anyway.
 */
class Client extends pg.Client {
  constructor(config?: pg.ClientConfig) {
    super(config);
    this.on('error', () => undefined);
  }
}

interface Connection {
  url: string;
  poolSize: number;
  /** Longest wait for a connection and longest statement; 0 for migrations, which may take their time. */
  timeoutMs: number;
}

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
    extra: { Client, ...session(timeoutMs) },
  });
}

/** A client for many statements at once, not connected yet. */
export function createReadClient({ url, timeoutMs }: Omit<Connection, 'poolSize'>): pg.Client {
  return new Client({
    connectionString: url,
    application_name: 'roost',
    connectionTimeoutMillis: timeoutMs || 10_000,
    ...session(timeoutMs),
  });
}

function session(timeoutMs: number) {
  return {
    types,
    keepAlive: true,
    // Statements may be sent behind others that are not answered yet.
    pipeline: true,
    statement_timeout: timeoutMs,
    lock_timeout: timeoutMs,
    idle_in_transaction_session_timeout: timeoutMs === 0 ? 0 : timeoutMs * 2,
  };
}
