// `npm run test:faults`: breaks stores, processes and sockets, one scenario after the other. `-- --short` waits less, as
// CI does; `-- F9` runs the scenarios whose name begins so.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { build } from './build.js';

const args = process.argv.slice(2);
const short = args.includes('--short');
const named = args.filter((arg) => /^F\d+$/i.test(arg)).map((arg) => `\\b${arg.toUpperCase()}\\b`);
const rest = args.filter((arg) => arg !== '--short' && !/^F\d+$/i.test(arg));

await build((sentence) => {
  console.error(`· ${sentence}`);
});
const began = performance.now();
const child = spawn(
  process.execPath,
  [
    'node_modules/jest/bin/jest.js',
    '--config=jest.faults.config.mjs',
    ...(named.length === 0 ? [] : [`--testNamePattern=${named.join('|')}`]),
    ...rest,
  ],
  { env: { ...process.env, NODE_ENV: 'test', ROOST_FAULTS: short ? 'short' : 'long' }, stdio: 'inherit' },
);
// Jest gets a Ctrl-C, too; what it was using is stopped once it is done.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
const [code] = (await once(child, 'exit')) as [number | null];
console.error(`· The fault suite took ${Math.round((performance.now() - began) / 1000)} s.`);
process.exit(code ?? 1);
