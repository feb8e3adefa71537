// Clients of live delivery, and how long after its commit a notification reaches them.
import { io, type Socket } from 'socket.io-client';
import { Pool } from 'undici';
import type { Contestant } from './contestant.js';
import { query } from './data.js';
import { CONNECTIONS, messageFor, mustBeGood, percentile } from './load.js';
import type { Entrant } from './measure.js';
import type { Workload } from './workloads.js';

/** Handshakes under way at a time. */
const CONNECTING = 200;
const PATIENCE_MS = 10_000;

export interface Latency {
  /** Milliseconds from the commit of a booking to its notification's arrival. */
  p50: number;
  p99: number;
}

/** Connected clients, and when each booking's notification first arrived (milliseconds since 1970). */
export class Audience {
  readonly arrivals = new Map<string, number>();
  private readonly sockets: Socket[] = [];

  private constructor(private readonly contestant: Contestant) {}

  static async connect(contestant: Contestant, tokens: readonly string[]): Promise<Audience> {
    const audience = new Audience(contestant);
    const waiting = [...tokens];
    await Promise.all(
      Array.from({ length: CONNECTING }, async () => {
        for (let token = waiting.pop(); token !== undefined; token = waiting.pop()) await audience.add(token);
      }),
    );
    return audience;
  }

  close(): void {
    for (const socket of this.sockets) socket.disconnect();
  }

  private add(token: string): Promise<void> {
    const socket = io(`${this.contestant.url}/notifications`, {
      auth: { token },
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
      timeout: PATIENCE_MS,
    });
    this.sockets.push(socket);
    socket.on('notification', ({ booking }: { booking: { id: string } }, confirm?: () => void) => {
      if (!this.arrivals.has(booking.id)) this.arrivals.set(booking.id, now());
      confirm?.();
    });
    return new Promise((ready, fail) => {
      socket.once('ready', () => {
        ready();
      });
      socket.once('connect_error', (error) => {
        fail(new Error(`${this.contestant.name} refused a socket: ${error.message}`));
      });
    });
  }
}

/** Makes so many bookings a second, whatever has become of those before. */
export async function pace(
  { contestant, pools }: Entrant,
  workload: Workload,
  perSecond: number,
  seconds: number,
): Promise<void> {
  const pool = new Pool(contestant.url, { connections: CONNECTIONS });
  const began = performance.now();
  const sent: Promise<void>[] = [];
  for (let n = 0; n < perSecond * seconds; n++) {
    const left = began + (n * 1000) / perSecond - performance.now();
    if (left > 0) await new Promise((resolve) => setTimeout(resolve, left));
    const message = messageFor(contestant, workload, 0, workload.draw(pools));
    sent.push(
      pool.request(message).then(async ({ statusCode, body }) => {
        mustBeGood(contestant, workload, statusCode, await body.text());
      }),
    );
  }
  await Promise.all(sent);
  await pool.close();
}

/**
 * How long the notifications of all bookings since the data set was loaded took.
 * @throws Error where one did not arrive
 */
export async function latencyOf({ contestant, data }: Entrant, { arrivals }: Audience): Promise<Latency> {
  const commits = await query<{ id: string; ms: number }>(
    data.url,
    `SELECT id, extract(epoch FROM pg_xact_commit_timestamp(xmin))::float * 1000 AS ms
     FROM booking_pending WHERE created_at > $1`,
    [data.loadedAt],
  );
  const deadline = now() + PATIENCE_MS;
  while (commits.some(({ id }) => !arrivals.has(id))) {
    if (now() > deadline) {
      const missing = commits.filter(({ id }) => !arrivals.has(id)).length;
      throw new Error(`${contestant.name}: ${missing} of ${commits.length} notifications did not arrive.`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const latencies = commits.map(({ id, ms }) => (arrivals.get(id) ?? Number.NaN) - ms);
  return { p50: percentile(latencies, 50), p99: percentile(latencies, 99) };
}

/** By the same clock as PostgreSQL's: this machine's. */
function now(): number {
  return performance.timeOrigin + performance.now();
}
