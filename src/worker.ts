// Starts the queue alone, for servers that run with WORKER=apart.
import { NestFactory } from '@nestjs/core';
import { WorkerModule } from './app.module.js';
import { readEnv } from './config/env.js';
import { armFailpoint } from './platform/failpoints.js';
import { createLogger, NestLogger } from './platform/observability/logger.js';
import { runProcess } from './platform/observability/process.js';

await runProcess(async () => {
  const env = readEnv();
  armFailpoint(env.FAILPOINT);
  return NestFactory.createApplicationContext(WorkerModule.register(env), {
    logger: new NestLogger(createLogger(env)),
    abortOnError: false,
  });
});
