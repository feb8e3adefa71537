// `npm run bench`: everything that is compared, in one run, on a PostgreSQL and a Redis of its own.
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from '../scripts/build.js';
import { startPostgres } from '../scripts/services/postgres.js';
import { startRedis } from '../scripts/services/redis.js';
import { buildContestants, Contestant, CONTESTANTS, type Name } from './contestant.js';
import { type DataSet, prepareData } from './data.js';
import { mustAgree } from './equality.js';
import { leversTable, measureLevers } from './levers.js';
import { type Entrant, measure } from './measure.js';
import { measureCrowd, measureDelivery } from './notifications.js';
import { plot } from './plot.js';
import { type Results, toMarkdown } from './report.js';
import { profile } from './profile.js';
import { addShapes, measureShapes, removeShapes } from './shapes.js';
import { measureStarts } from './startup.js';
import { COUNTING, setCounting, statementsPerRequest } from './statements.js';
import { Pools, WORKLOADS } from './workloads.js';

const HOME = resolve('.roost/bench');
const AGREE_ON = 20;
const SMALL = 10_000;
/** As it was given. */
const COMMAND = ['npm run bench', ...process.argv.slice(2)].join(' ').replace(' --', ' -- --');
const ALL = [...WORKLOADS.map(({ name }) => name), 'N1', 'N2', 'S1', 'growth', 'shapes'];

const { values: options } = parseArgs({
  args: process.argv.slice(2),
  options: {
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    bookings: { type: 'string', default: '1000000' },
    only: { type: 'string', default: ALL.join(',') },
    contestants: { type: 'string', default: CONTESTANTS.join(',') },
    profile: { type: 'boolean', default: false },
    levers: { type: 'boolean', default: false },
  },
});
/** Levers are many, and what they give is not kept. */
const usual = options.levers ? 3 : 5;
const effort = { rounds: Number(options.rounds ?? usual), seconds: Number(options.seconds ?? usual) };
const wanted = chosen('--only', options.only, ALL);
const names = chosen('--contestants', options.contestants, CONTESTANTS);

/** What is to be stopped, last one first. */
const started: (() => Promise<void>)[] = [];
let stopping: Promise<never> | null = null;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stop(130));
try {
  await bench();
  await stop(0);
} catch (error) {
  console.error(`\nThe benchmark stopped: ${error instanceof Error ? error.message : String(error)}`);
  await stop(1);
}

async function bench(): Promise<void> {
  mkdirSync(HOME, { recursive: true });
  await Promise.all([build(say), buildContestants()]);
  const postgres = await startPostgres({
    folder: `${HOME}/postgres`,
    // The whole data set fits into memory, and commits can be dated; all else is as PostgreSQL comes.
    settings: ['shared_buffers=1GB', 'max_wal_size=4GB', 'track_commit_timestamp=on', COUNTING],
    say,
  });
  started.push(postgres.stop);
  const redis = await startRedis({ folder: `${HOME}/redis`, say });
  started.push(redis.stop);
  await setCounting(postgres, false);
  const secret = randomBytes(48).toString('base64url');
  const data = await prepareData(postgres, Number(options.bookings), say);
  const settings = { databaseUrl: data.url, redisUrl: redis.url, secret };
  const pools = new Pools(data, secret);
  if (options.profile) {
    for (const workload of WORKLOADS.filter(({ name }) => wanted.includes(name))) {
      const shares = await profile(settings, data, pools, workload, effort.seconds);
      console.log(`\n${workload.name}: ${workload.title}`);
      for (const { where, percent } of shares) console.log(`${percent.toFixed(1).padStart(6)} %  ${where}`);
    }
    return;
  }
  if (options.levers) {
    const results = await measureLevers(
      (label, dist) => enter('roost', data, label, dist),
      wanted,
      effort,
      say,
    );
    console.log(`\n${leversTable(results)}`);
    return;
  }
  const results: Results = { effort, bookings: data.size.bookings, workloads: [], growth: [] };

  const workloads = WORKLOADS.filter(({ name }) => wanted.includes(name));
  if (workloads.length > 0) {
    const entrants = await Promise.all(names.map((name) => enter(name, data)));
    for (const workload of workloads) {
      await mustAgree(
        entrants.map(({ contestant }) => contestant),
        workload,
        data,
        pools,
        AGREE_ON,
      );
    }
    say(`${names.join(', ')} answer the same.`);
    for (const workload of workloads) {
      const statements = new Map<string, number>();
      for (const entrant of entrants) {
        statements.set(entrant.label, await statementsPerRequest(postgres, entrant, workload));
      }
      results.workloads.push({ workload, statements, turns: await measure(entrants, workload, effort, say) });
    }
    await leave(entrants);
  }
  if (wanted.includes('growth')) {
    const small = await prepareData(postgres, SMALL, say);
    const entrants = [await enter('roost', data, 'large'), await enter('roost', small, 'small')];
    for (const workload of WORKLOADS) {
      const statements = new Map<string, number>();
      for (const entrant of entrants) {
        statements.set(entrant.label, await statementsPerRequest(postgres, entrant, workload));
      }
      results.growth.push({ workload, statements, turns: await measure(entrants, workload, effort, say) });
    }
    await leave(entrants);
  }
  if (wanted.includes('shapes')) {
    const small = await prepareData(postgres, SMALL, say);
    started.push(() => removeShapes(small));
    const entrant = await enter('roost', small, 'shapes');
    await addShapes(small);
    results.shapes = await measureShapes(entrant, effort.rounds, say);
    await leave([entrant]);
  }
  if (wanted.includes('N1')) results.delivery = await measureDelivery(settings, data, pools, effort, say);
  if (wanted.includes('N2')) results.crowd = await measureCrowd(settings, data, pools, effort, say);
  if (wanted.includes('S1')) results.starts = await measureStarts(settings, effort.rounds, say);
  publish(results);

  async function enter(name: Name, onData: DataSet, label: string = name, dist?: string): Promise<Entrant> {
    // Several of them at once must not see each other's sockets and jobs.
    const more = { REDIS_PREFIX: `bench-${label}` };
    const contestant = await Contestant.start(name, { ...settings, databaseUrl: onData.url, more, dist });
    started.push(() => contestant.stop());
    return { label, contestant, data: onData, pools: onData === data ? pools : new Pools(onData, secret) };
  }
}

async function leave(entrants: readonly Entrant[]): Promise<void> {
  for (const { contestant } of entrants) await contestant.stop();
}

/** Only a whole run, and at full length, is worth keeping. */
function publish(results: Results): void {
  const text = toMarkdown(results, COMMAND);
  console.log(`\n${text}`);
  const whole = wanted.length === ALL.length && names.length === CONTESTANTS.length;
  if (!whole || effort.rounds < 5 || effort.seconds < 5 || results.bookings < 1_000_000) {
    say('This run was shortened: bench/results.md stays as it is.');
    return;
  }
  writeFileSync('bench/results.md', text);
  writeFileSync('bench/results.svg', plot(results));
  say('Written to bench/results.md and bench/results.svg.');
}

function chosen<Choice extends string>(option: string, text: string, choices: readonly Choice[]): Choice[] {
  const words = text.split(',');
  const wrong = words.filter((word) => !choices.some((choice) => choice === word));
  if (wrong.length > 0) {
    console.error(`${option} ${wrong.join(', ')}: there are only ${choices.join(', ')}.`);
    process.exit(1);
  }
  return choices.filter((choice) => words.includes(choice));
}

function say(sentence: string): void {
  if (stopping === null) console.error(`· ${sentence}`);
}

function stop(code: number): Promise<never> {
  stopping ??= (async () => {
    for (const stopOne of started.reverse()) await stopOne();
    process.exit(code);
  })();
  return stopping;
}
