// `npm run soak -- --minutes N`: bookings, reconnects and random faults mixed for so long, judged after every fault.
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from '../../scripts/build.js';
import { drain, judge, type Verdict } from './support/checker.js';
import { Cluster } from './support/cluster.js';
import { allFaults, type Fault } from './support/faults.js';

const HOUSEHOLDS = 6;

/** What one kind of fault did. */
interface Line {
  rounds: number;
  committed: number;
  received: number;
  lost: number;
  doubled: number;
  outOfOrder: number;
}

const at = process.argv.indexOf('--minutes');
const minutes = at < 0 ? 1 : Number(process.argv[at + 1]);
if (!(minutes > 0 && minutes <= 10_080)) {
  console.error('Say for how long: npm run soak -- --minutes 10');
  process.exit(1);
}

const say = (sentence: string) => {
  console.log(`· ${sentence}`);
};
await build(say);
say('Starting PostgreSQL, Redis, two servers and a worker.');
const cluster = await Cluster.start({ WORKER: 'apart', ACCESS_TOKEN_SECONDS: '86400' });
let stopping = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => (stopping = true));
try {
  process.exitCode = await soak();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await cluster.stop();
}
process.exit();

async function soak(): Promise<number> {
  const servers = [await cluster.add(), await cluster.add()];
  const worker = await cluster.add({}, 'worker');
  const households = await cluster.households(HOUSEHOLDS);
  const people = households.flatMap(({ landlord, tenant }) => [landlord, tenant]);
  // One device that moves between the servers; landlords have a second one, which is slow to confirm.
  cluster.listen(people);
  cluster.listen(
    households.map(({ landlord }) => landlord),
    { confirmAfterMs: 300 },
  );
  const faults = allFaults(cluster, servers, worker);
  const lines = new Map<string, Line>();
  const until = Date.now() + minutes * 60_000;
  let before = await look();
  let wrong: string[] = [];
  for (let round = 0; Date.now() < until && !stopping; round++) {
    const fault = pick(faults, round);
    const { name } = fault;
    const load = cluster.load(households, { pauseMs: 40 });
    await sleep(500);
    await fault.run();
    await sleep(500);
    await load.stop();
    wrong = [...wrong, ...load.wrong.map((words) => `${name}: ${words}`)];
    const after = await settled();
    const line = lines.get(name) ?? {
      rounds: 0,
      committed: 0,
      received: 0,
      lost: 0,
      doubled: 0,
      outOfOrder: 0,
    };
    line.rounds++;
    for (const key of ['committed', 'received', 'lost', 'doubled', 'outOfOrder'] as const)
      line[key] += after[key] - before[key];
    lines.set(name, line);
    const left = Math.max(0, Math.round((until - Date.now()) / 1000));
    say(
      `${name}: ${after.committed - before.committed} committed, ${after.lost} lost so far, ${after.doubled} doubled, ${after.outOfOrder} out of order; ${left} s left.`,
    );
    before = after;
  }
  return report(lines, before, wrong);
}

/** Every fault once in a random order, then again. */
function pick(faults: Fault[], round: number): Fault {
  const turn = round % faults.length;
  if (turn === 0) faults.sort(() => Math.random() - 0.5);
  return faults[turn] as Fault;
}

/** The verdict once all has arrived; what has not after a minute and a half is lost. */
async function settled(): Promise<Verdict> {
  await drain(cluster.sql, cluster.devices, 90_000).catch((error: unknown) => {
    console.error(String(error));
  });
  return look();
}

function look(): Promise<Verdict> {
  return judge(cluster.sql, cluster.devices, cluster.cursor);
}

function report(lines: Map<string, Line>, total: Verdict, wrong: readonly string[]): number {
  const rows = [...lines].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }));
  const sum: Line = { rounds: 0, committed: 0, received: 0, lost: 0, doubled: 0, outOfOrder: 0 };
  for (const [, line] of rows) for (const key of Object.keys(sum) as (keyof Line)[]) sum[key] += line[key];
  const table = [
    ['fault', 'rounds', 'committed', 'received', 'lost', 'doubled', 'out of order'],
    ...[...rows, ['all', sum] as const].map(([name, line]) => [name, ...Object.values(line).map(String)]),
  ];
  const widths = (table[0] ?? []).map((_, column) =>
    Math.max(...table.map((row) => row[column]?.length ?? 0)),
  );
  const layOut = (row: readonly string[]) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ');
  console.log(`\n${table.map(layOut).join('\n')}\n`);
  const repeats = cluster.devices.reduce((count, device) => count + device.repeats, 0);
  const connects = cluster.devices.reduce((count, device) => count + device.connects, 0);
  console.log(
    `${cluster.devices.length} devices connected ${connects} times. Landlords have two each, so more is received than committed.\n` +
      `Sent again, and passed over by the device: ${repeats}. Never committed: ${total.neverCommitted}. ` +
      `Misdelivered: ${total.misdelivered}. Cursor faults: ${total.cursorFaults}. Wrong answers: ${wrong.length}.`,
  );
  for (const words of wrong.slice(0, 20)) console.log(`  ${words}`);
  const { lost, doubled, outOfOrder, neverCommitted, misdelivered, cursorFaults } = total;
  return lost + doubled + outOfOrder + neverCommitted + misdelivered + cursorFaults + wrong.length === 0
    ? 0
    : 1;
}
