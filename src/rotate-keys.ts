// Moves everything that is stored under older keys to the current ones: `npm run keys:rotate`. May be stopped at any
// moment and run again.
import { readRotationSettings } from './config/env.js';
import { onDatabase } from './platform/database/on-database.js';
import { rotateKeys } from './platform/crypto/rotation.js';

await onDatabase(
  () => readRotationSettings().DATABASE_URL,
  async (_, db) => {
    const { EMAIL_INDEX_KEYS, DATA_KEYS } = readRotationSettings();
    const done = await rotateKeys(db, { EMAIL_INDEX_KEYS, DATA_KEYS }, console.log);
    if (!done) process.exitCode = 1;
  },
);
