// Prints what is in the delivery queue and who is waiting: `npm run queue`, or `node dist/src/queue.js` where only the
// compiled application is.
import { NestFactory } from '@nestjs/core';
import { InspectionModule } from './app.module.js';
import { BadSettings, readEnv } from './config/env.js';
import { QueueReport } from './modules/notification/queue-report.js';
import { AppError } from './platform/errors/app-error.js';

try {
  const app = await NestFactory.createApplicationContext(InspectionModule.register(readEnv()), {
    logger: false,
    abortOnError: false,
  });
  const report = app.get(QueueReport);
  console.log(
    (await report.jobs()) ??
      fault('Redis cannot be reached at REDIS_URL, so what the queue holds is unknown.'),
  );
  console.log(`\n${await report.recipients()}`);
  await app.close();
} catch (error) {
  if (error instanceof BadSettings) console.error(error.message);
  else if (error instanceof AppError)
    console.error('PostgreSQL cannot be reached at DATABASE_URL. Is it running?');
  else
    console.error(`The queue could not be read: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
// What still tries to reach a store that is away would keep us here.
process.exit();

function fault(sentence: string): string {
  process.exitCode = 1;
  return sentence;
}
