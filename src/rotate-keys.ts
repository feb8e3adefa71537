// Moves everything that is stored under older keys to the current ones: `npm run keys:rotate`. May be stopped at any
// moment and run again.
import { BadSettings, readRotationSettings } from './config/env.js';
import { rotateKeys } from './platform/crypto/rotation.js';
import { createDataSource } from './platform/database/data-source.js';
import { Database } from './platform/database/database.js';
import { isDatabaseAway } from './platform/database/sql-errors.js';

const say = (sentence: string) => {
  console.log(sentence);
};

try {
  const { DATABASE_URL, ...rings } = readRotationSettings();
  const dataSource = createDataSource({ url: DATABASE_URL, poolSize: 1, timeoutMs: 0 });
  await dataSource.initialize();
  try {
    const done = await rotateKeys(new Database(dataSource), rings, say);
    if (!done) process.exitCode = 1;
  } finally {
    await dataSource.destroy();
  }
} catch (error) {
  process.exitCode = 1;
  if (error instanceof BadSettings) console.error(error.message);
  else if (isDatabaseAway(error))
    console.error('PostgreSQL cannot be reached at DATABASE_URL, or went away. Run this again: it goes on.');
  else console.error(error);
}
