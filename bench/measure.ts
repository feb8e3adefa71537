// Rounds: in each one every contestant has a turn with the same load, one after the other (A B C A B C …).
import type { Contestant } from './contestant.js';
import { addMovable, type DataSet, restore } from './data.js';
import { load, type Turn } from './load.js';
import type { Pools, Workload } from './workloads.js';

export interface Effort {
  rounds: number;
  /** Of one turn. */
  seconds: number;
}

/** Seconds that each contestant is loaded before the first round, for its compiler and caches. */
const WARM_UP_SECONDS = 3;

/** A contestant on a data set; growth compares one server on two of them. */
export interface Entrant {
  label: string;
  contestant: Contestant;
  data: DataSet;
  pools: Pools;
}

/** The turns of each entrant, by label, one for each round. */
export type Turns = Map<string, Turn[]>;

export async function measure(
  entrants: readonly Entrant[],
  workload: Workload,
  { rounds, seconds }: Effort,
  say: (sentence: string) => void,
): Promise<Turns> {
  const turns: Turns = new Map(entrants.map(({ label }) => [label, []]));
  for (const entrant of entrants) await turn(entrant, workload, WARM_UP_SECONDS);
  for (let round = 0; round < rounds; round++) {
    // Nobody always comes after the same one.
    const order = entrants.map((_, index) => entrants[(index + round) % entrants.length] as Entrant);
    for (const entrant of order) turns.get(entrant.label)?.push(await turn(entrant, workload, seconds));
    const speeds = entrants.map(
      ({ label }) => `${label} ${Math.round(turns.get(label)?.at(-1)?.requestsPerSecond ?? 0)}`,
    );
    say(`${workload.name}, round ${round + 1} of ${rounds}: ${speeds.join(', ')} requests/s.`);
  }
  return turns;
}

async function turn(
  { contestant, data, pools }: Entrant,
  workload: Workload,
  seconds: number,
): Promise<Turn> {
  if (workload.movablePerSecond !== undefined) {
    const count = workload.movablePerSecond * seconds;
    await addMovable(data, count);
    pools.refill(count);
  }
  const result = await load(contestant, workload, pools, seconds);
  if (workload.writes) await restore(data);
  return result;
}
