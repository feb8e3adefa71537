// Schema changes: applied in order, one process at a time.
import type { DataSource } from 'typeorm';

/** Any constant: whoever holds this advisory lock is the one that migrates. */
const MIGRATION_LOCK = 7_266_778;

/** Applies what is missing and answers the names of what was applied, oldest first. */
export async function migrateUp(dataSource: DataSource): Promise<string[]> {
  return alone(dataSource, async () => {
    const applied = await dataSource.runMigrations({ transaction: 'each' });
    return applied.map(({ name }) => name);
  });
}

/** Takes every migration back, newest first, and answers how many there were. All data is gone afterwards. */
export async function migrateDown(dataSource: DataSource): Promise<number> {
  return alone(dataSource, async () => {
    const applied = await appliedMigrations(dataSource);
    for (let left = applied.length; left > 0; left--)
      await dataSource.undoLastMigration({ transaction: 'each' });
    return applied.length;
  });
}

/** Names of the migrations that this database lacks; all of them where none ran yet. */
export async function pendingMigrations(dataSource: DataSource): Promise<string[]> {
  const applied = new Set(await appliedMigrations(dataSource));
  return dataSource.migrations
    .map(({ name, constructor }) => name ?? constructor.name)
    .filter((name) => !applied.has(name));
}

async function appliedMigrations(dataSource: DataSource): Promise<string[]> {
  const [table] = await dataSource.query<{ exists: boolean }[]>(
    `SELECT to_regclass('schema_migration') IS NOT NULL AS exists`,
  );
  if (!table?.exists) return [];
  const rows = await dataSource.query<{ name: string }[]>('SELECT name FROM schema_migration ORDER BY id');
  return rows.map(({ name }) => name);
}

async function alone<T>(dataSource: DataSource, work: () => Promise<T>): Promise<T> {
  const holder = dataSource.createQueryRunner();
  try {
    await holder.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    return await work();
  } finally {
    await holder.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]);
    await holder.release();
  }
}
