// `npm run keys:cost`: what encrypting personal data costs here, measured in turns in one run.
import { createHash, randomBytes } from 'node:crypto';
import { EmailIndex } from '../src/platform/crypto/email-index.js';
import { KeyRing } from '../src/platform/crypto/key-ring.js';
import { Sealer } from '../src/platform/crypto/sealer.js';

const TURNS = 200;
const CALLS = 500;
const ROW = '01890c5e-6f2a-7c3b-9d4e-0123456789ab';
const ADDRESS = '68 Bạch Đằng, Hải Châu, Đà Nẵng';

const keys = `k1:${randomBytes(32).toString('base64')}`;
const sealer = new Sealer(KeyRing.parse(keys));
const emails = new EmailIndex(KeyRing.parse(keys));
const sealed = sealer.seal('address', ROW, ADDRESS);
const page = JSON.stringify(Array.from({ length: 20 }, (_, n) => ({ id: ROW, n, address: ADDRESS })));

const WORK: Record<string, () => unknown> = {
  'hash a short text (SHA-256), to compare with': () => createHash('sha256').update(ADDRESS).digest(),
  'print and parse 20 rows of JSON, to compare with': () => JSON.stringify(JSON.parse(page)),
  'seal an address': () => sealer.seal('address', ROW, ADDRESS),
  'open an address': () => sealer.open('address', ROW, sealed),
  'fingerprint an e-mail address': () => emails.of('somebody@example.com'),
  'open, with the keys read anew each time': () =>
    new Sealer(KeyRing.parse(keys)).open('address', ROW, sealed),
};

const times = new Map(Object.keys(WORK).map((name) => [name, [] as number[]]));
for (let turn = 0; turn < TURNS; turn++) {
  for (const [name, work] of Object.entries(WORK)) {
    const began = performance.now();
    for (let call = 0; call < CALLS; call++) work();
    times.get(name)?.push(((performance.now() - began) * 1000) / CALLS);
  }
}

const medians = [...times].map(
  ([name, all]) => [name, all.sort((a, b) => a - b)[TURNS >> 1] ?? NaN] as const,
);
const unit = medians[0]?.[1] ?? NaN;
for (const [name, median] of medians) {
  console.log(
    `${name.padEnd(52)} ${median.toFixed(1).padStart(6)} µs  ${(median / unit).toFixed(1).padStart(5)} ×`,
  );
}
console.log(`An address of ${Buffer.byteLength(ADDRESS)} bytes takes ${sealed.length} bytes sealed.`);
