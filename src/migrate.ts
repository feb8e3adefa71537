// Applies (or, with "down", takes back) the schema changes: `npm run migrate`, before `npm run start:prod`.
import { BadSettings, readDatabaseUrl } from './config/env.js';
import { createDataSource } from './platform/database/data-source.js';
import { migrateDown, migrateUp } from './platform/database/migrate.js';
import { isDatabaseAway } from './platform/database/sql-errors.js';

const direction = process.argv[2] ?? 'up';

try {
  const dataSource = createDataSource({ url: readDatabaseUrl(), poolSize: 2, timeoutMs: 0 });
  await dataSource.initialize();
  try {
    if (direction === 'down') {
      console.log(`Took back ${await migrateDown(dataSource)} migrations. The database is empty.`);
    } else {
      const applied = await migrateUp(dataSource);
      console.log(applied.length === 0 ? 'The database is up to date.' : `Applied ${applied.join(', ')}.`);
    }
  } finally {
    await dataSource.destroy();
  }
} catch (error) {
  process.exitCode = 1;
  if (error instanceof BadSettings) console.error(error.message);
  else if (isDatabaseAway(error))
    console.error('PostgreSQL cannot be reached at DATABASE_URL. Is it running?');
  else console.error(error);
}
