// `npm run queue`: what is in the delivery queue of the `npm start` that runs here, or of the stores at DATABASE_URL
// and REDIS_URL.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { build } from './build.js';
import { ADDRESSES } from './services/addresses.js';

if (existsSync('.env')) process.loadEnvFile('.env');
const running = existsSync(ADDRESSES)
  ? (JSON.parse(readFileSync(ADDRESSES, 'utf8')) as Record<string, string>)
  : {};
const env = { ...running, ...process.env };
if (env.DATABASE_URL === undefined || env.REDIS_URL === undefined) {
  console.error(
    'No npm start runs in this folder. Start it, or set DATABASE_URL and REDIS_URL, then try again.',
  );
  process.exit(1);
}
await build((sentence) => {
  console.error(`· ${sentence}`);
});
process.exit(spawnSync(process.execPath, ['dist/src/queue.js'], { env, stdio: 'inherit' }).status ?? 1);
