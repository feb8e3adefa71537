// Puts the server together, ready to listen.
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from './app.module.js';
import type { Env } from './config/env.js';
import { armFailpoint } from './platform/failpoints.js';
import { corsOrigin } from './platform/http/cors.js';
import { answerHeaders, createHttpAdapter } from './platform/http/server.js';
import { followKeyPair } from './platform/http/tls.js';
import { Draining } from './platform/observability/draining.js';
import { createLogger, NestLogger } from './platform/observability/logger.js';
import { DirectRoad } from './platform/projection/direct-road.js';
import { SocketAdapter } from './platform/socket/socket.adapter.js';

export async function createApp(env: Env): Promise<NestFastifyApplication> {
  armFailpoint(env.FAILPOINT);
  const logger = createLogger(env);
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.register(env),
    createHttpAdapter(env, logger),
    {
      logger: new NestLogger(logger),
      abortOnError: false,
    },
  );
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onSend', answerHeaders(env, app.get(Draining)))
    .addHook('preHandler', app.get(DirectRoad).take);
  app.enableCors({ origin: corsOrigin(env) });
  followKeyPair(app.getHttpServer(), env, logger);
  app.useWebSocketAdapter(new SocketAdapter(app, env));
  return app;
}
