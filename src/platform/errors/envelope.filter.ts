// The one place where errors become answers: refusals are told in full, faults are logged and tell nothing.
import { type ArgumentsHost, Catch, Logger } from '@nestjs/common';
import { BaseExceptionFilter } from '@nestjs/core';
import type { GqlContextType } from '@nestjs/graphql';
import type { GraphQLResolveInfo } from 'graphql';
import type { RequestContext } from '../graphql/request-context.js';
import type { Reply } from '../graphql/response.types.js';
import { RateLimited } from '../limits/rate-limits.js';
import { AppError } from './app-error.js';

const logger = new Logger('Fault');
const refusals = new Logger('Refusal');

/** The refusal to tell the caller of: the error itself, or INTERNAL for a fault, which is logged under the request's id. */
export function toRefusal(error: unknown, requestId: string): AppError {
  if (error instanceof AppError) {
    if (error.code === 'UNAVAILABLE') logger.warn({ requestId, cause: error.cause }, 'A store is away.');
    return error;
  }
  logger.error({ requestId, err: error }, 'Unexpected fault.');
  return new AppError(
    'INTERNAL',
    `Something went wrong on our side. Please quote request ${requestId} to us.`,
  );
}

/** Answers whatever a resolver, guard or pipe throws in the envelope, with HTTP 200. */
@Catch()
export class EnvelopeFilter extends BaseExceptionFilter {
  override catch(error: unknown, host: ArgumentsHost): Reply<null> | undefined {
    if (host.getType<GqlContextType>() !== 'graphql') {
      super.catch(error, host);
      return undefined;
    }
    const context = host.getArgByIndex<RequestContext>(2);
    const { requestId, viewer, address } = context;
    const { status, message, code, fieldErrors } = toRefusal(error, requestId);
    if (error instanceof RateLimited) context.retryAfterSeconds = error.retryAfterSeconds;
    const { fieldName: operation } = host.getArgByIndex<GraphQLResolveInfo>(3);
    // Which fields, never what they held.
    const fields = fieldErrors?.map(({ path }) => path);
    refusals.log({ requestId, operation, code, fields, userId: viewer?.id, address }, 'Refused.');
    return { status, message, code, fieldErrors, data: null };
  }
}
