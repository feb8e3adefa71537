// `npm test`: a PostgreSQL and a Redis of its own, a migrated database to clone for each test file, then all tests.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrateUp } from '../src/platform/database/migrate.js';
import { createDataSource } from '../src/platform/database/data-source.js';
import { build } from './build.js';
import { ensureDatabase, startPostgres } from './services/postgres.js';
import { startRedis } from './services/redis.js';

const TEMPLATE = 'roost_template';

const folder = mkdtempSync(join(tmpdir(), 'roost-test-'));
// Where we are root, PostgreSQL's user must get through to its data.
chmodSync(folder, 0o711);
const say = (sentence: string) => {
  console.error(`· ${sentence}`);
};
// Tests measure behaviour, not disks.
const settings = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'];
const [postgres, redis] = await Promise.all([
  startPostgres({ folder: join(folder, 'postgres'), settings, say }),
  startRedis({ folder: join(folder, 'redis'), say, settings: ['appendfsync no'] }),
  build(say),
]);
const services = { postgresUrl: postgres.url(''), redisUrl: redis.url, template: TEMPLATE };
try {
  await ensureDatabase(postgres, TEMPLATE);
  const dataSource = await createDataSource({
    url: postgres.url(TEMPLATE),
    poolSize: 2,
    timeoutMs: 0,
  }).initialize();
  await migrateUp(dataSource);
  await dataSource.destroy();
  process.exitCode = await jest(process.argv.slice(2));
} finally {
  await Promise.all([postgres.stop(), redis.stop()]);
  rmSync(folder, { recursive: true, force: true });
}
process.exit();

async function jest(args: string[]): Promise<number> {
  const env = { ...process.env, NODE_ENV: 'test', ROOST_TEST_SERVICES: JSON.stringify(services) };
  const child = spawn(process.execPath, ['node_modules/jest/bin/jest.js', ...args], {
    env,
    stdio: 'inherit',
  });
  // Jest gets a Ctrl-C, too; what it was using is stopped once it is done.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}
