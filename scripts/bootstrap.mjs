// First step of every command: the packages. Needs nothing but Node itself, then hands over to a TypeScript file:
// `node scripts/bootstrap.mjs scripts/start.ts`.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(root);

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Roost needs Node 20.19 or newer; this is ${process.versions.node}.`);
  process.exit(1);
}

installPackages();
const { register } = await import('tsx/esm/api');
register();
const [script = ''] = process.argv.splice(2, 1);
await import(pathToFileURL(resolve(root, script)).href);

/** Runs `npm ci` where the lock file is not what was installed last. */
function installPackages() {
  const stamp = join(root, 'node_modules', '.roost-installed');
  const wanted = createHash('sha256')
    .update(readFileSync('package-lock.json'))
    .update(process.version)
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  if (matchesLockFile()) return remember(stamp, wanted);
  console.error('Installing packages. The first time this takes about a minute.');
  const env = { ...process.env, NODE_ENV: 'development' };
  const { status, stdout, stderr } = spawnSync(
    'npm',
    ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'],
    {
      env,
      shell: process.platform === 'win32',
      encoding: 'utf8',
    },
  );
  if (status !== 0) {
    console.error(`${stdout}${stderr}\nThe packages could not be installed. Is the npm registry reachable?`);
    process.exit(1);
  }
  remember(stamp, wanted);
}

/** npm leaves a copy of the lock file in node_modules; equal apart from its root entry, it is what is installed. */
function matchesLockFile() {
  const copy = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(copy)) return false;
  const installed = JSON.parse(readFileSync(copy, 'utf8')).packages;
  const wanted = JSON.parse(readFileSync('package-lock.json', 'utf8')).packages;
  return Object.entries(wanted).every(
    ([path, { version, optional }]) =>
      path === '' || optional === true || installed[path]?.version === version,
  );
}

function remember(stamp, wanted) {
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, wanted);
}
