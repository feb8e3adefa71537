// Applies (or, with "down", takes back) the schema changes: `npm run migrate`, before `npm run start:prod`.
import { readDatabaseUrl } from './config/env.js';
import { onDatabase } from './platform/database/on-database.js';
import { migrateDown, migrateUp } from './platform/database/migrate.js';

await onDatabase(readDatabaseUrl, async (dataSource) => {
  if (process.argv[2] === 'down') {
    console.log(`Took back ${await migrateDown(dataSource)} migrations. The database is empty.`);
  } else {
    const applied = await migrateUp(dataSource);
    console.log(applied.length === 0 ? 'The database is up to date.' : `Applied ${applied.join(', ')}.`);
  }
});
