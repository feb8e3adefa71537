// Schema changes: up, down and up again, in order, by one process at a time.
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { promisify } from 'node:util';
import pg from 'pg';
import { entityClasses } from '../../src/platform/database/columns.js';
import { createDataSource } from '../../src/platform/database/data-source.js';
import { MIGRATIONS } from '../../migrations/all.js';
import '../../src/app.module.js';
import { administer, cloneDatabase, services, uniqueName } from '../support/services.js';

const run = promisify(execFile);

async function emptyDatabase(): Promise<string> {
  const name = uniqueName();
  await administer(`CREATE DATABASE ${name}`);
  return `${services().postgresUrl}${name}`;
}

/** Everything that the catalogue knows of the public schema, as text. */
async function schemaOf(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const parts = [
    `SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
     WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped ORDER BY 1, 2`,
    `SELECT conrelid::regclass::text AS rel, conname, pg_get_constraintdef(oid) AS def FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2`,
    `SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1`,
    `SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1, 2`,
    `SELECT typname FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typtype = 'e' ORDER BY 1`,
    `SELECT extname FROM pg_extension ORDER BY 1`,
  ];
  const rows = [];
  for (const part of parts) rows.push((await client.query(part)).rows);
  await client.end();
  return JSON.stringify(rows, null, 1);
}

const migrate = (url: string, ...args: string[]) =>
  run(process.execPath, ['dist/src/migrate.js', ...args], { env: { ...process.env, DATABASE_URL: url } });

describe('migrations', () => {
  it('are listed, every one, in the order of their time', () => {
    const files = readdirSync('migrations')
      .filter((file) => /^\d/.test(file))
      .sort();
    const names = MIGRATIONS.map((migration) => new migration().name);
    expect(names).toHaveLength(files.length);
    files.forEach((file, n) => {
      const [time = '', ...words] = file.replace('.ts', '').split('-');
      const name = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('') + time;
      expect(names[n]).toBe(name);
    });
  });

  it('go up, down and up again, leaving nothing and then the same', async () => {
    const url = await emptyDatabase();
    const empty = await schemaOf(url);
    expect((await migrate(url)).stdout).toMatch(/^Applied /);
    const first = await schemaOf(url);
    expect((await migrate(url)).stdout).toBe('The database is up to date.\n');
    expect((await migrate(url, 'down')).stdout).toMatch(/^Took back \d+ migrations/);
    expect((await schemaOf(url)).replace(/"schema_migration[^}]*/g, '')).not.toContain('booking');
    expect((await migrate(url)).stdout).toMatch(/^Applied /);
    expect(await schemaOf(url)).toBe(first);
    expect(first.length).toBeGreaterThan(empty.length);
  });

  it('by several processes at once are applied once', async () => {
    const url = await emptyDatabase();
    const outputs = (await Promise.all(Array.from({ length: 4 }, () => migrate(url)))).map(
      ({ stdout }) => stdout,
    );
    expect(outputs.filter((line) => line.startsWith('Applied '))).toHaveLength(1);
    expect(outputs.filter((line) => line === 'The database is up to date.\n')).toHaveLength(3);
  });

  it('that cannot run say why in one line', async () => {
    await expect(migrate('postgres://127.0.0.1:1/x')).rejects.toMatchObject({
      code: 1,
      stderr:
        'PostgreSQL cannot be reached at DATABASE_URL. Is it running? Run this again then: nothing is half done.\n',
    });
    await expect(migrate('mysql://x')).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('DATABASE_URL must start with postgres'),
    });
  });

  it('make every column that the entities map, of a type that fits', async () => {
    const dataSource = await createDataSource({
      url: await cloneDatabase(),
      poolSize: 1,
      timeoutMs: 0,
    }).initialize();
    expect(entityClasses().length).toBeGreaterThanOrEqual(7);
    for (const entity of entityClasses()) {
      const { tableName, columns } = dataSource.getMetadata(entity);
      const rows = await dataSource.query<{ name: string; nullable: boolean }[]>(
        `SELECT attname AS name, NOT attnotnull AS nullable FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0`,
        [tableName],
      );
      const real = new Map(rows.map(({ name, nullable }) => [name, nullable]));
      for (const { databaseName, isNullable } of columns) {
        expect({ column: `${tableName}.${databaseName}`, nullable: real.get(databaseName) }).toEqual({
          column: `${tableName}.${databaseName}`,
          nullable: isNullable,
        });
      }
    }
    await dataSource.destroy();
  });
});
