// The HTTP server: Fastify, with request ids.
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server as HttpServer } from 'node:http';
import { Server as NetServer } from 'node:net';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { type FastifyReply, type FastifyRequest, LogController } from 'fastify';
import type { Logger } from 'pino';
import type { Draining } from '../observability/draining.js';

/** Largest request body: room for every input at its longest, several times over. */
const MAX_BODY_BYTES = 256 * 1024;

const REQUEST_ID = /^[\w.:-]{8,64}$/;

export function createHttpAdapter(logger: Logger): FastifyAdapter {
  return new FastifyAdapter({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: MAX_BODY_BYTES,
    // A proxy's id is kept where it looks like one, so that its log and ours can be read together.
    genReqId: ({ headers }: IncomingMessage) => {
      const given = headers['x-request-id'];
      return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
    },
    // While draining, what still arrives on open connections is answered; see drain().
    return503OnClosing: false,
    forceCloseConnections: 'idle',
  });
}

/** Every answer names its request; while draining it also closes its connection, so that the next goes elsewhere. */
export function answerHeaders(draining: Draining) {
  return (request: FastifyRequest, reply: FastifyReply, _: unknown, done: () => void): void => {
    void reply.header('x-request-id', request.id);
    if (draining.started) void reply.header('connection', 'close');
    done();
  };
}

/** How long a request may be on its way over a connection that was open when listening stopped. */
const LINGER_MS = 100;

/**
 * Stops listening, but still answers what arrives over connections that are open. Resolves once the last one is
 * closed, or after `patienceMs`. The server's own close() would first cut connections that look idle, also those
 * whose next request is on its way.
 */
export async function stopListening(server: HttpServer, patienceMs: number): Promise<void> {
  await quiet(server);
  const closed = new Promise((resolve) => NetServer.prototype.close.call(server, resolve));
  await sleep(LINGER_MS);
  await quiet(server);
  server.closeIdleConnections();
  await Promise.race([closed, sleep(patienceMs, undefined, { ref: false })]);
}

/** Turns of the event loop without anything new, after which nothing waits in the kernel to be taken in. */
const QUIET_TURNS = 3;
const MAX_TURNS = 1000;

/** Lets a busy event loop take in every connection and request that has arrived: it accepts one a turn. */
async function quiet(server: HttpServer): Promise<void> {
  let news = 0;
  const note = () => news++;
  server.on('connection', note).on('request', note);
  for (let turns = 0, calm = 0; calm < QUIET_TURNS && turns < MAX_TURNS; turns++) {
    const before = news;
    await setImmediate();
    calm = news > before ? 0 : calm + 1;
  }
  server.off('connection', note).off('request', note);
}
