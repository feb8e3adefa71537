// The load: so many connections, each with one request on its way at a time. When the time is over every request that
// is on its way is still answered, so that nothing moves in the database when the next contestant begins.
import { performance } from 'node:perf_hooks';
import { Client } from 'undici';
import type { Contestant } from './contestant.js';
import type { Draw, Pools, Workload } from './workloads.js';

/** What a turn of one contestant gave. */
export interface Turn {
  requestsPerSecond: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
  /** Processor time of the server process for one request, in microseconds. */
  cpuMicros: number | null;
  memoryMiB: number | null;
}

export const CONNECTIONS = 50;
/** A request without an answer for so long ends the run. */
const PATIENCE_MS = 30_000;

interface Message {
  method: 'POST';
  path: string;
  headers: Record<string, string>;
  body: string;
}

/** Loads the contestant for so many seconds. @throws Error where an answer is not 200 or holds an error */
export async function load(
  contestant: Contestant,
  workload: Workload,
  pools: Pools,
  seconds: number,
  connections = CONNECTIONS,
): Promise<Turn> {
  const latencies: number[] = [];
  const clients = Array.from(
    { length: connections },
    () => new Client(contestant.url, { headersTimeout: PATIENCE_MS }),
  );
  const cpuBefore = contestant.cpuMs();
  const began = performance.now();
  const until = began + seconds * 1000;
  let faulty = false;
  const work = clients.map(async (client) => {
    try {
      while (performance.now() < until && !faulty) {
        const draw = workload.draw(pools);
        for (let step = 0; step < workload.steps.length; step++) {
          const message = messageFor(contestant, workload, step, draw);
          const sent = performance.now();
          const { statusCode, body } = await client.request(message);
          const text = await body.text();
          latencies.push(performance.now() - sent);
          mustBeGood(contestant, workload, statusCode, text);
        }
      }
    } catch (error) {
      faulty = true;
      throw error;
    }
  });
  try {
    await Promise.all(work);
  } finally {
    await Promise.allSettled(work);
    await Promise.all(clients.map((client) => client.close()));
  }
  const elapsed = performance.now() - began;
  const cpuAfter = contestant.cpuMs();
  return {
    requestsPerSecond: (latencies.length * 1000) / elapsed,
    ...{ p50: percentile(latencies, 50), p99: percentile(latencies, 99) },
    cpuMicros:
      cpuBefore === null || cpuAfter === null ? null : ((cpuAfter - cpuBefore) * 1000) / latencies.length,
    memoryMiB: contestant.memoryMiB(),
  };
}

/** One step of one draw, as the contestant wants it. */
export function messageFor(
  { name }: Contestant,
  workload: Pick<Workload, 'steps'>,
  step: number,
  draw: Draw,
): Message {
  const { path, document: query } = workload.steps[step] ?? { path: '', document: '' };
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (draw.token !== undefined) headers.authorization = `Bearer ${draw.token}`;
  return name === 'floor'
    ? { method: 'POST', path, headers, body: JSON.stringify(draw.plain) }
    : {
        method: 'POST',
        path: '/graphql',
        headers,
        body: JSON.stringify({ query, variables: draw.variables }),
      };
}

/** @throws Error for anything but an answer that would be of use to whoever asked */
export function mustBeGood(
  { name }: Contestant,
  workload: Pick<Workload, 'name'>,
  statusCode: number,
  text: string,
): void {
  const good =
    name === 'floor'
      ? text.startsWith('{"')
      : /^\{"data":\{"\w+":\{"status":"(OK|CREATED)"/.test(text) && !text.includes('"errors":');
  if (statusCode === 200 && good) return;
  throw new Error(`${name} answered ${workload.name} with ${statusCode} and: ${text.slice(0, 500)}`);
}

/** The p-th percentile, by the nearest rank. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.max(0, Math.ceil((sorted.length * p) / 100) - 1)] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2;
}
