// Wires BullMQ.
import { BullModule } from '@nestjs/bullmq';
import { Module } from '@nestjs/common';
import { ENV, type Env } from '../../config/env.js';

@Module({
  imports: [
    BullModule.forRootAsync({
      inject: [ENV],
      useFactory: (env: Env) => ({
        connection: {
          url: env.REDIS_URL,
          maxRetriesPerRequest: null,
          retryStrategy: (tries) => Math.min(tries * 100, 1000),
        },
        prefix: `${env.REDIS_PREFIX}:queue`,
      }),
    }),
  ],
})
export class QueueModule {}
