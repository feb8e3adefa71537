// Wires PostgreSQL.
import { Global, Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ENV, type Env } from '../../config/env.js';
import { Clock } from './clock.js';
import { createDataSource } from './data-source.js';
import { Database } from './database.js';

@Global()
@Module({
  providers: [
    {
      provide: DataSource,
      inject: [ENV],
      useFactory: (env: Env) =>
        createDataSource({
          url: env.DATABASE_URL,
          poolSize: env.DATABASE_POOL_SIZE,
          timeoutMs: env.DATABASE_TIMEOUT_MS,
        }),
    },
    Database,
    Clock,
  ],
  exports: [Clock, Database],
})
export class DatabaseModule {}
