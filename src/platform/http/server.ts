// The HTTP server: Fastify, with request ids and headers that keep browsers safe.
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server as HttpServer } from 'node:http';
import { Server as NetServer } from 'node:net';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { type FastifyBaseLogger, type FastifyReply, type FastifyRequest, LogController } from 'fastify';
import type { Logger } from 'pino';
import type { Env } from '../../config/env.js';
import type { Draining } from '../observability/draining.js';
import { readKeyPair } from './tls.js';

const REQUEST_ID = /^[\w.:-]{8,64}$/;

export function createHttpAdapter(env: Env, logger: Logger): FastifyAdapter {
  const https = readKeyPair(env);
  return new FastifyAdapter({
    ...(https === null ? {} : { https }),
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    // Nobody logs through the request: what goes wrong with one names its id itself.
    childLoggerFactory: (parent: FastifyBaseLogger) => parent,
    bodyLimit: env.MAX_BODY_KB * 1024,
    trustProxy: env.TRUSTED_PROXIES.length > 0 ? env.TRUSTED_PROXIES : false,
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

/** Answers are for their caller alone, and for no use but the one they are labelled with. */
const SAFETY_HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
};

/** Browsers heed it over HTTPS alone, whoever speaks that: this server or a proxy in front of it. */
const HSTS = { 'strict-transport-security': 'max-age=31536000; includeSubDomains' };

/** Every answer names its request; while draining it also closes its connection, so that the next goes elsewhere. */
export function answerHeaders(env: Env, draining: Draining) {
  const safety = env.NODE_ENV === 'production' ? { ...SAFETY_HEADERS, ...HSTS } : SAFETY_HEADERS;
  return (request: FastifyRequest, reply: FastifyReply, _: unknown, done: () => void): void => {
    void reply.headers(safety).header('x-request-id', request.id);
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
