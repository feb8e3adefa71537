// The HTTP server: Fastify, with request ids.
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
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
  return (request: FastifyRequest, reply: FastifyReply, done: () => void): void => {
    void reply.header('x-request-id', request.id);
    if (draining.started) void reply.header('connection', 'close');
    done();
  };
}
