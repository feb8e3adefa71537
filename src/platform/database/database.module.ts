// Wires PostgreSQL.
import { Global, Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ENV, type Env } from '../../config/env.js';
import { Clock } from './clock.js';
import { createDataSource, createReadClient } from './data-source.js';
import { Database } from './database.js';
import { ReadLines } from './read-lines.js';

/** Each carries many statements at once: more would not be faster. */
const MOST_LINES = 4;

/** How many of the connections are for reads alone. */
function linesOf({ DATABASE_POOL_SIZE }: Env): number {
  return Math.min(MOST_LINES, Math.ceil(DATABASE_POOL_SIZE / 5));
}

@Global()
@Module({
  providers: [
    {
      provide: DataSource,
      inject: [ENV],
      useFactory: (env: Env) =>
        createDataSource({
          url: env.DATABASE_URL,
          poolSize: env.DATABASE_POOL_SIZE - linesOf(env),
          timeoutMs: env.DATABASE_TIMEOUT_MS,
        }),
    },
    {
      provide: ReadLines,
      inject: [ENV],
      useFactory: (env: Env) =>
        new ReadLines(linesOf(env), () =>
          createReadClient({ url: env.DATABASE_URL, timeoutMs: env.DATABASE_TIMEOUT_MS }),
        ),
    },
    Database,
    Clock,
  ],
  exports: [Clock, Database],
})
export class DatabaseModule {}
