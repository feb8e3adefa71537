// N1 and N2: live delivery against a bare Socket.IO emit, which the floor does right after its commit, with no presence,
// queue, confirmation or resuming.
import { idOf } from '../test/support/fill.js';
import { Contestant, type Settings } from './contestant.js';
import { type DataSet, restore } from './data.js';
import { Audience, type Latency, latencyOf, pace } from './live.js';
import { load, median } from './load.js';
import type { Effort, Entrant } from './measure.js';
import { type Pools, type Workload, WORKLOADS } from './workloads.js';

const NAMES = ['floor', 'roost'] as const;
const LANDLORDS = 500;
const IDLE_SOCKETS = 10_000;
/** Bookings a second at which latency is measured apart from throughput. */
export const CALM_RATE = 100;
/** Timers of connecting and leaving are done by then. */
const REST_MS = 5000;
const WITH_MEMORY = ['--expose-gc', '--import', './.roost/bench/contestants/memory.js'];

/** One contestant in N1; medians over the rounds. */
export interface Delivery {
  name: string;
  bookingsPerSecond: number;
  /** At that rate, with {@link CONNECTIONS} requests under way. */
  busy: Latency;
  calm: Latency;
}

interface Memory {
  live: number;
  resident: number;
}

/** One contestant in N2. */
export interface Crowd {
  name: string;
  /** Memory for each socket, garbage collected: what is alive in the heap and beside it, and what the process holds. */
  kibPerSocket: Memory;
  push: Latency;
}

export async function measureDelivery(
  settings: Settings,
  data: DataSet,
  pools: Pools,
  { rounds, seconds }: Effort,
  say: (sentence: string) => void,
): Promise<Delivery[]> {
  const workload = bookingWith(LANDLORDS, data);
  const entrants = await start(settings, data, pools);
  const turns = entrants.map((): Delivery[] => []);
  try {
    for (const entrant of entrants) await oneDelivery(entrant, workload, 2);
    for (let round = 0; round < rounds; round++) {
      for (const [index, entrant] of entrants.entries()) {
        const delivery = await oneDelivery(entrant, workload, seconds);
        turns[index]?.push(delivery);
        say(`N1, round ${round + 1} of ${rounds}: ${delivery.name} ${describe(delivery)}`);
      }
    }
  } finally {
    for (const { contestant } of entrants) await contestant.stop();
  }
  return turns.map((own) => {
    const of = (value: (delivery: Delivery) => number) => median(own.map(value));
    return {
      name: own[0]?.name ?? '',
      bookingsPerSecond: of(({ bookingsPerSecond }) => bookingsPerSecond),
      busy: { p50: of(({ busy }) => busy.p50), p99: of(({ busy }) => busy.p99) },
      calm: { p50: of(({ calm }) => calm.p50), p99: of(({ calm }) => calm.p99) },
    };
  });
}

export async function measureCrowd(
  settings: Settings,
  data: DataSet,
  pools: Pools,
  { seconds }: Effort,
  say: (sentence: string) => void,
): Promise<Crowd[]> {
  const crowds: Crowd[] = [];
  const workload = bookingWith(data.size.landlords, data);
  for (const name of NAMES) {
    const [entrant] = await start(settings, data, pools, [name], WITH_MEMORY);
    if (entrant === undefined) continue;
    const { contestant } = entrant;
    try {
      // What starting and a first use leave behind is not the sockets'.
      (await Audience.connect(contestant, tokens(data, pools, 100))).close();
      await pace(entrant, workload, CALM_RATE, 1);
      await restore(data);
      const before = await memoryAtRest(contestant);
      const audience = await Audience.connect(contestant, tokens(data, pools, IDLE_SOCKETS));
      const after = await memoryAtRest(contestant);
      await pace(entrant, workload, CALM_RATE, seconds);
      const push = await latencyOf(entrant, audience);
      audience.close();
      const perSocket = (of: keyof Memory) => (after[of] - before[of]) / 1024 / IDLE_SOCKETS;
      const kibPerSocket = { live: perSocket('live'), resident: perSocket('resident') };
      crowds.push({ name, kibPerSocket, push });
      say(`N2: ${name} ${kibPerSocket.live.toFixed(1)} KiB a socket, push p50 ${push.p50.toFixed(1)} ms.`);
    } finally {
      await contestant.stop();
      await restore(data);
    }
  }
  return crowds;
}

async function start(
  settings: Settings,
  data: DataSet,
  pools: Pools,
  names: readonly (typeof NAMES)[number][] = NAMES,
  flags: string[] = [],
): Promise<Entrant[]> {
  const entrants: Entrant[] = [];
  for (const name of names) {
    const contestant = await Contestant.start(name, { ...settings, more: { SOCKETS: 'on' } }, flags);
    entrants.push({ label: name, contestant, data, pools });
  }
  return entrants;
}

async function oneDelivery(entrant: Entrant, workload: Workload, seconds: number): Promise<Delivery> {
  const { contestant, pools } = entrant;
  let bookingsPerSecond = 0;
  const busy = await heardBy(entrant, async () => {
    ({ requestsPerSecond: bookingsPerSecond } = await load(contestant, workload, pools, seconds));
  });
  const calm = await heardBy(entrant, () => pace(entrant, workload, CALM_RATE, seconds));
  return { name: contestant.name, bookingsPerSecond, busy, calm };
}

/** With fresh clients each time: putting the data set back sets sequences back, too. */
async function heardBy(entrant: Entrant, work: () => Promise<void>): Promise<Latency> {
  const { contestant, data, pools } = entrant;
  const audience = await Audience.connect(contestant, tokens(data, pools, LANDLORDS));
  try {
    await work();
    return await latencyOf(entrant, audience);
  } finally {
    audience.close();
    await restore(data);
  }
}

/** createPendingBooking at places of the first so many landlords only. */
function bookingWith(landlords: number, { size }: DataSet): Workload {
  const booking = WORKLOADS.find(({ name }) => name === 'W4');
  if (booking === undefined) throw new Error('N1 and N2 book as W4 does.');
  const placesEach = size.places / size.landlords;
  return {
    ...booking,
    draw: (pools) => {
      const { token, plain } = booking.draw(pools);
      // The n-th place is that of the n-th landlord, by turns.
      const turn = Math.floor(Math.random() * (placesEach - 1));
      const place = turn * size.landlords + 1 + Math.floor(Math.random() * (landlords - 1));
      const input = { ...plain, placeId: idOf('place', place) };
      return { variables: { input }, plain: input, token };
    },
  };
}

/** The first landlords, and tenants where there are not enough. */
function tokens({ size }: DataSet, pools: Pools, count: number): string[] {
  return Array.from({ length: count }, (_, index) =>
    pools.tokenOf(idOf('user', index + 1), index < size.landlords ? 'LANDLORD' : 'TENANT'),
  );
}

/** Bytes, once nothing is under way any more. */
async function memoryAtRest(contestant: Contestant): Promise<Memory> {
  await new Promise((resolve) => setTimeout(resolve, REST_MS));
  return contestant.ask<Memory>('memory');
}

function describe({ bookingsPerSecond, busy, calm }: Delivery): string {
  return (
    `${Math.round(bookingsPerSecond)} bookings/s, ${busy.p50.toFixed(1)} ms at p50 then, ` +
    `${calm.p50.toFixed(1)} ms at ${CALM_RATE} bookings/s.`
  );
}
