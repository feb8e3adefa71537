// The log: one JSON object a line in production, readable lines in development.
import type { LoggerService } from '@nestjs/common';
import { type Logger, pino } from 'pino';
import type { Env } from '../../config/env.js';

/** Nest tells of every module and route at start: worth knowing only when looking for a fault. */
const CHATTER = new Set([
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestFactory',
  'NestApplication',
  'GraphQLModule',
  'WebSocketsController',
]);

export function createLogger(env: Env): Logger {
  return pino({
    level: env.LOG_LEVEL,
    base: null,
    redact: { paths: ['*.password', '*.token', '*.refreshToken', '*.authorization'], remove: true },
    transport:
      env.NODE_ENV === 'development'
        ? {
            target: 'pino-pretty',
            options: {
              ignore: 'context',
              messageFormat: '{if context}{context}: {end}{msg}',
              translateTime: 'SYS:HH:MM:ss',
              singleLine: true,
            },
          }
        : undefined,
  });
}

type Level = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace';

/** Nest's logger, on pino. A first argument that is an object holds the details, the second then the sentence. */
export class NestLogger implements LoggerService {
  constructor(private readonly pino: Logger) {}

  log = this.at('info');
  fatal = this.at('fatal');
  error = this.at('error');
  warn = this.at('warn');
  debug = this.at('debug');
  verbose = this.at('trace');

  private at(level: Level) {
    return (message: unknown, ...rest: unknown[]): void => {
      const context = rest.pop();
      const where = typeof context === 'string' && CHATTER.has(context) && level === 'info' ? 'debug' : level;
      if (message instanceof Error) this.pino[where]({ context, err: message }, message.message);
      else if (typeof message === 'object' && message !== null)
        this.pino[where]({ context, ...message }, typeof rest[0] === 'string' ? rest[0] : '');
      else this.pino[where]({ context, stack: rest[0] }, String(message));
    };
  }
}
