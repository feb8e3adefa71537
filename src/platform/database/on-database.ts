// What the commands that work on the database alone share: they open it, close it, and say in plain words what went wrong.
import type { DataSource } from 'typeorm';
import { BadSettings } from '../../config/env.js';
import { createDataSource, createReadClient } from './data-source.js';
import { Database } from './database.js';
import { ReadLines } from './read-lines.js';
import { isDatabaseAway } from './sql-errors.js';

/** Runs `work` on the database at the URL. Whatever goes wrong, the process ends with 1 after a sentence on it. */
export async function onDatabase(
  url: () => string,
  work: (dataSource: DataSource, db: Database) => Promise<void>,
) {
  try {
    const connection = { url: url(), timeoutMs: 0 };
    const dataSource = createDataSource({ ...connection, poolSize: 2 });
    await dataSource.initialize();
    try {
      await work(dataSource, new Database(dataSource, new ReadLines(1, () => createReadClient(connection))));
    } finally {
      await dataSource.destroy();
    }
  } catch (error) {
    process.exitCode = 1;
    if (error instanceof BadSettings) console.error(error.message);
    else if (isDatabaseAway(error))
      console.error(
        'PostgreSQL cannot be reached at DATABASE_URL. Is it running? Run this again then: nothing is half done.',
      );
    else console.error(error);
  }
}
