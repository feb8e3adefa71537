// Where Roost's processor time goes under a workload: `--profile`, by package, from what V8 sampled meanwhile.
import { readFileSync } from 'node:fs';
import { Contestant, type Settings } from './contestant.js';
import { addMovable, type DataSet, restore } from './data.js';
import { load } from './load.js';
import type { Pools, Workload } from './workloads.js';

interface Profile {
  nodes: { id: number; callFrame: { functionName: string; url: string }; children?: number[] }[];
  samples: number[];
  timeDeltas: number[];
  /** Microseconds of the machine's monotonic clock. */
  startTime: number;
}

/** Share of the time that the process was busy, in percent, most first. */
export interface Share {
  where: string;
  percent: number;
}

const FOLDER = '.roost/bench/profiles';
const WARM_UP_SECONDS = 3;
const SHOWN = 16;

export async function profile(
  settings: Settings,
  data: DataSet,
  pools: Pools,
  workload: Workload,
  seconds: number,
): Promise<Share[]> {
  const name = `${workload.name}.cpuprofile`;
  const flags = ['--cpu-prof', `--cpu-prof-dir=${FOLDER}`, `--cpu-prof-name=${name}`];
  const contestant = await Contestant.start('roost', settings, flags);
  const count = (workload.movablePerSecond ?? 0) * (seconds + WARM_UP_SECONDS);
  if (count > 0) await addMovable(data, count);
  pools.refill(count);
  await load(contestant, workload, pools, WARM_UP_SECONDS);
  const from = clockMicros();
  await load(contestant, workload, pools, seconds);
  const to = clockMicros();
  // V8 writes the profile as the process ends.
  await contestant.stop();
  if (workload.writes) await restore(data);
  return sharesIn(JSON.parse(readFileSync(`${FOLDER}/${name}`, 'utf8')) as Profile, from, to);
}

function sharesIn({ nodes, samples, timeDeltas, startTime }: Profile, from: number, to: number): Share[] {
  const places = placesOf(nodes);
  const times = new Map<string, number>();
  let busy = 0;
  let clock = startTime;
  for (const [index, node] of samples.entries()) {
    const delta = timeDeltas[index] ?? 0;
    clock += delta;
    const place = places.get(node) ?? '(unknown)';
    if (clock < from || clock > to || place === '(idle)') continue;
    busy += delta;
    times.set(place, (times.get(place) ?? 0) + delta);
  }
  return [...times]
    .map(([where, time]) => ({ where, percent: (100 * time) / busy }))
    .sort((a, b) => b.percent - a.percent)
    .slice(0, SHOWN);
}

/**
 * Where each node of the tree of calls counts: a package, a file of ours, or what V8 calls it: (garbage collector),
 * (program). Node's own work counts under its name with whoever had it done.
 */
function placesOf(nodes: Profile['nodes']): Map<number, string> {
  const places = new Map<number, string>();
  const callers = new Map<number, string>();
  // A node comes before its children.
  for (const { id, callFrame, children = [] } of nodes) {
    const { functionName, url } = callFrame;
    const modules = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
    const own = /\/dist\/src\/(.+)\.js$/.exec(url)?.[1];
    const known = modules ?? (own === undefined ? undefined : `src/${own}`);
    const caller = callers.get(id);
    const what = url === '' ? functionName || '(native)' : url;
    places.set(id, known ?? (caller === undefined ? what : `${what}, for ${caller}`));
    const next = known ?? caller;
    if (next !== undefined) for (const child of children) callers.set(child, next);
  }
  return places;
}

function clockMicros(): number {
  return Number(process.hrtime.bigint() / 1000n);
}
