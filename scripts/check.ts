// `npm run check`: every gate but the tests, one line each; what a gate has to say is shown where it fails.
import { spawnSync } from 'node:child_process';

interface Gate {
  name: string;
  command: string[];
}

const node = (...args: string[]) => [process.execPath, ...args];
const bin = (name: string, ...args: string[]) => ['npx', '--no-install', name, ...args];

/** In the order of how soon they tell. */
const GATES: Gate[] = [
  { name: 'formatting (prettier)', command: bin('prettier', '--check', '--log-level', 'warn', '.') },
  {
    name: 'who imports whom (dependency-cruiser)',
    command: bin(
      'depcruise',
      '--config',
      '.dependency-cruiser.cjs',
      'src',
      'migrations',
      'scripts',
      'test',
      'bench',
    ),
  },
  { name: 'nothing unused (knip)', command: bin('knip') },
  {
    name: 'settings listed (.env.example)',
    command: node('scripts/bootstrap.mjs', 'scripts/env.ts', '--check'),
  },
  {
    name: 'packages as they were locked (lockfile-lint)',
    // Without --allowed-hosts: the lock file is to hold no address at all, which its test looks for.
    command: bin(
      'lockfile-lint',
      '--path',
      'package-lock.json',
      '--type',
      'npm',
      '--validate-integrity',
      '--allowed-schemes',
      'https:',
    ),
  },
  { name: 'licences listed', command: node('scripts/bootstrap.mjs', 'scripts/licences.ts', '--check') },
  { name: 'types (tsc)', command: bin('tsc', '--noEmit') },
  { name: 'lint (eslint)', command: bin('eslint', '--max-warnings', '0', '.') },
  { name: 'compiling (nest build)', command: bin('nest', 'build') },
  { name: 'schema as committed (graphql-inspector)', command: node('scripts/schema.mjs', '--check') },
];

const wanted = process.argv.slice(2);
let failed = 0;
for (const { name, command } of GATES.filter(
  (gate) => wanted.length === 0 || wanted.some((word) => gate.name.includes(word)),
)) {
  const [program = '', ...args] = command;
  const { status, stdout, stderr } = spawnSync(program, args, {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  console.log(`${status === 0 ? '✓' : '✗'} ${name}`);
  if (status !== 0) {
    failed++;
    console.log(`${stdout}${stderr}`);
  }
}
if (failed > 0) console.log(`${failed} of ${GATES.length} gates failed.`);
process.exit(failed === 0 ? 0 : 1);
