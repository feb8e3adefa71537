// The life of a process: start, run, drain on SIGTERM or SIGINT, and plain words for whatever stops it.
import { setTimeout as sleep } from 'node:timers/promises';
import { type INestApplicationContext, Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { BadSettings, ENV, type Env } from '../../config/env.js';
import { stopListening } from '../http/server.js';
import { Draining } from './draining.js';

/** Runs `start`, and stops what it started when the process is told to. */
export async function runProcess(start: () => Promise<INestApplicationContext>): Promise<void> {
  try {
    const app = await start();
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop(app, signal));
    // Tells a parent that waits for it (`npm start`) that all is up.
    process.send?.('ready');
  } catch (error) {
    console.error(wordsFor(error));
    process.exit(1);
  }
}

async function stop(app: INestApplicationContext, signal: string): Promise<void> {
  const logger = new Logger('Process');
  const { SHUTDOWN_SECONDS, DRAIN_MS } = app.get<Env>(ENV);
  logger.log(`${signal}: finishing what is in flight.`);
  const deadline = setTimeout(() => {
    logger.error(`Not finished after ${SHUTDOWN_SECONDS} s; stopping all the same.`);
    process.exit(1);
  }, SHUTDOWN_SECONDS * 1000);
  await app.get(Draining).start();
  if (isServer(app)) {
    await sleep(DRAIN_MS);
    await stopListening(app.getHttpServer(), (SHUTDOWN_SECONDS * 1000) / 2);
  }
  await app.close();
  clearTimeout(deadline);
  logger.log('Stopped.');
  process.exit(0);
}

function isServer(app: INestApplicationContext): app is NestFastifyApplication {
  return 'getHttpServer' in app;
}

function wordsFor(error: unknown): string {
  if (error instanceof BadSettings) return error.message;
  const { code, port, address } = error as { code?: string; port?: number; address?: string };
  if (code === 'EADDRINUSE')
    return `Port ${port} is taken by another program. Stop that one, or set PORT to a free one.`;
  if (code === 'EADDRNOTAVAIL') return `HOST ${address} is not an address of this machine.`;
  if (code === 'EACCES') return `This user may not listen on port ${port}. Set PORT to one above 1023.`;
  return `Roost could not start: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}
