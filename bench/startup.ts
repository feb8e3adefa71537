// S1: from the start of the process to its word that it listens, everything on disk read before.
import { Contestant, CONTESTANTS, type Name, type Settings } from './contestant.js';
import { median } from './load.js';

export interface Start {
  name: Name;
  milliseconds: number;
}

export async function measureStarts(
  settings: Settings,
  rounds: number,
  say: (sentence: string) => void,
): Promise<Start[]> {
  const starts = new Map<Name, number[]>(CONTESTANTS.map((name) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const name of CONTESTANTS) {
      const contestant = await Contestant.start(name, settings);
      await contestant.stop();
      // The first round warms the disk's cache.
      if (round > 0) starts.get(name)?.push(contestant.startMs);
    }
  }
  const medians = CONTESTANTS.map((name) => ({ name, milliseconds: median(starts.get(name) ?? []) }));
  say(`S1: ${medians.map(({ name, milliseconds }) => `${name} ${Math.round(milliseconds)} ms`).join(', ')}.`);
  return medians;
}
