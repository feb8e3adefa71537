// Top-level errors: faults and refusals of nested fields, which have no envelope, and documents that are no good.
import type { ApolloServerPlugin } from '@apollo/server';
import { ApolloServerErrorCode, unwrapResolverError } from '@apollo/server/errors';
import type { GraphQLFormattedError } from 'graphql';
import { GraphQLError } from 'graphql';
import type { Env } from '../../config/env.js';
import { AppError } from '../errors/app-error.js';
import { toRefusal } from '../errors/envelope.filter.js';
import { DOCUMENT_LIMIT } from './document-limits.plugin.js';
import type { RequestContext } from './request-context.js';

/** What production says of every document that does not parse or validate: its reasons would spell out the schema. */
const BAD_DOCUMENT: GraphQLFormattedError = {
  message: 'This is not a valid GraphQL document for this API.',
  extensions: { code: ApolloServerErrorCode.GRAPHQL_VALIDATION_FAILED },
};

/** Logs faults of field resolvers under the request's id, and puts a refusal in the place of each. */
export function fieldErrorsPlugin({ NODE_ENV }: Env): ApolloServerPlugin<RequestContext> {
  return {
    requestDidStart: () =>
      Promise.resolve({
        didEncounterErrors: ({ errors, contextValue }) => {
          for (const error of errors) refuse(error, contextValue.requestId);
          return Promise.resolve();
        },
        willSendResponse: ({ request, response: { body, http }, contextValue: { retryAfterSeconds } }) => {
          if (retryAfterSeconds !== null) http.headers.set('retry-after', String(retryAfterSeconds));
          if (body.kind !== 'single') return Promise.resolve();
          const { errors = [], data } = body.singleResult;
          const isBad = errors.some(isAboutDocument);
          // Not even how many things are wrong with a document, or where.
          if (isBad && NODE_ENV === 'production') body.singleResult.errors = [BAD_DOCUMENT];
          const isRefused = isBad || (data === undefined && errors.some(isAboutVariables));
          if (isRefused && knowsOnlyJson(request.http?.headers.get('accept'))) http.status = 200;
          return Promise.resolve();
        },
      }),
  };
}

/** A refusal takes the place of what a resolver threw. */
function refuse(error: GraphQLError, requestId: string): void {
  if (!(error.originalError instanceof Error) || error.originalError instanceof GraphQLError) return;
  Object.assign(error, { originalError: toRefusal(error.originalError, requestId) });
}

/** What to say of the errors of an execution that Apollo Server had no part in: the same. */
export function fieldErrors(env: Env) {
  const format = formatError(env);
  return (errors: readonly GraphQLError[], requestId: string): GraphQLFormattedError[] =>
    errors.map((error) => {
      refuse(error, requestId);
      const code = error.extensions.code ?? ApolloServerErrorCode.INTERNAL_SERVER_ERROR;
      return format({ ...error.toJSON(), extensions: { ...error.extensions, code } }, error);
    });
}

/** The public form of an error: a refusal's own words, the document's own mistakes, and nothing else. */
export function formatError({ NODE_ENV, GRAPHQL_MAX_TOKENS }: Env) {
  return (formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError => {
    const original = unwrapResolverError(error);
    if (original instanceof AppError) {
      const { locations, path } = formatted;
      const { code, fieldErrors, message } = original;
      return {
        message,
        locations,
        path,
        extensions: fieldErrors === null ? { code } : { code, fieldErrors },
      };
    }
    if (isAboutDocument(formatted) && /more tha[nt] \d+ tokens/.test(formatted.message)) {
      const message = `This document has more than ${GRAPHQL_MAX_TOKENS} tokens; no more are allowed.`;
      return { message, extensions: { code: DOCUMENT_LIMIT } };
    }
    return NODE_ENV === 'production' ? withoutSuggestion(formatted) : formatted;
  };
}

function isAboutDocument({ extensions }: GraphQLFormattedError): boolean {
  const { GRAPHQL_PARSE_FAILED, GRAPHQL_VALIDATION_FAILED } = ApolloServerErrorCode;
  return extensions?.code === GRAPHQL_PARSE_FAILED || extensions?.code === GRAPHQL_VALIDATION_FAILED;
}

function isAboutVariables({ extensions }: GraphQLFormattedError): boolean {
  return extensions?.code === ApolloServerErrorCode.BAD_USER_INPUT;
}

/**
 * Whether a client asks for application/json and has not heard of application/graphql-response+json. GraphQL over HTTP
 * wants such a one to get 200 for whatever is well-formed JSON, since it takes any other status for a broken connection.
 */
function knowsOnlyJson(accept = ''): boolean {
  return accept.includes('application/json') && !accept.includes('application/graphql-response+json');
}

/** Refused variables are told in full, but no names of the schema are offered. */
function withoutSuggestion(formatted: GraphQLFormattedError): GraphQLFormattedError {
  return { ...formatted, message: formatted.message.replace(/ Did you mean .+$/s, '') };
}
