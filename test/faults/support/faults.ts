// The faults of the suite, each as something that begins and heals again, for the soak to mix.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster, Instance } from './cluster.js';

export interface Fault {
  name: string;
  /** Breaks something under load, and heals it. */
  run(): Promise<void>;
}

/** `servers` are the two that people connect to. */
export function allFaults(cluster: Cluster, servers: readonly Instance[], worker: Instance): Fault[] {
  const { stores } = cluster;
  const anyServer = () => servers[Math.floor(Math.random() * servers.length)] as Instance;
  const failpoint = (name: string, point: string): Fault => ({
    name,
    run: async () => {
      const server = anyServer();
      await server.end('SIGKILL');
      await server.start({ FAILPOINT: `${point}@${1 + Math.floor(Math.random() * 30)}` });
      // So that some of them come to this one.
      for (const device of cluster.devices) device.drop();
      const killer = setTimeout(() => {
        server.signal('SIGKILL');
      }, 15_000);
      await server.died();
      clearTimeout(killer);
      await server.start();
    },
  });
  const fault = (name: string, run: () => Promise<unknown>): Fault => ({
    name,
    run: async () => {
      await run();
    },
  });
  return [
    fault('none: load alone', () => sleep(3000)),
    failpoint('F1 killed before the commit', 'recorded'),
    failpoint('F2 killed after the commit', 'committed'),
    failpoint('F3 killed before emitting', 'emitting'),
    failpoint('F4 killed after emitting', 'emitted'),
    failpoint('F5 killed before the cursor', 'acknowledged'),
    fault('F6 worker killed', async () => {
      await worker.end('SIGKILL');
      await sleep(1000);
      await worker.start();
    }),
    fault('F7 server stopped, continued', async () => {
      const server = anyServer();
      server.signal('SIGSTOP');
      await sleep(3000 + Math.random() * 4000);
      server.signal('SIGCONT');
    }),
    fault('F8 Redis killed, AOF', async () => {
      await stores.killRedis();
      await sleep(Math.random() * 1000);
      await stores.restartRedis();
    }),
    fault('F8 Redis killed, no AOF', async () => {
      await stores.killRedis();
      await stores.restartRedis(false);
    }),
    fault('F9 FLUSHALL', async () => {
      for (let times = 0; times < 3; times++) {
        await stores.withRedis((redis) => redis.flushall());
        await sleep(500);
      }
    }),
    fault('F10 Redis away', async () => {
      await stores.killRedis();
      await sleep(3000 + Math.random() * 5000);
      await stores.restartRedis();
    }),
    fault('F10 Redis frozen', async () => {
      stores.freezeRedis();
      await sleep(2000 + Math.random() * 4000);
      stores.thawRedis();
    }),
    fault('F11 Redis full', async () => {
      await stores.withRedis((redis) => redis.config('SET', 'maxmemory', '1mb'));
      await sleep(2000);
      await stores.withRedis((redis) => redis.config('SET', 'maxmemory', '0'));
    }),
    fault('F12 PostgreSQL stopped, immediate', async () => {
      await stores.crashPostgres();
      await sleep(Math.random() * 1500);
      await stores.restartPostgres();
    }),
    fault('F13 backends terminated', async () => {
      for (let times = 0; times < 20; times++) {
        await cluster.sql.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE application_name = 'roost' ORDER BY random() LIMIT 3`,
        );
        await sleep(100);
      }
    }),
    fault('F14 server killed', async () => {
      const server = anyServer();
      await server.end('SIGKILL');
      await sleep(500);
      await server.start();
    }),
    fault('F18 clients come and go', async () => {
      for (let times = 0; times < 60; times++) {
        for (const device of cluster.devices) if (Math.random() < 0.3) device.drop();
        await sleep(50);
      }
    }),
    fault('F19 servers replaced, SIGTERM', async () => {
      for (const server of servers) {
        await server.end('SIGTERM');
        await server.start();
      }
    }),
    fault('F24 clock two hours ahead', async () => {
      const server = anyServer();
      const NODE_OPTIONS = `--import=${process.cwd()}/test/faults/support/clock-ahead.mjs`;
      await server.end('SIGKILL');
      await server.start({ NODE_OPTIONS });
      await sleep(2000);
      await server.end('SIGKILL');
      await server.start();
    }),
  ];
}
