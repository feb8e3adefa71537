// Faults and refusals of nested fields, which have no envelope: top-level errors with extensions.code.
import type { ApolloServerPlugin } from '@apollo/server';
import { unwrapResolverError } from '@apollo/server/errors';
import type { GraphQLFormattedError } from 'graphql';
import { GraphQLError } from 'graphql';
import { AppError } from '../errors/app-error.js';
import { toRefusal } from '../errors/envelope.filter.js';
import type { RequestContext } from './request-context.js';

/** Logs faults of field resolvers under the request's id, and puts a refusal in the place of each. */
export const fieldErrorsPlugin: ApolloServerPlugin<RequestContext> = {
  requestDidStart: () =>
    Promise.resolve({
      didEncounterErrors: ({ errors, contextValue }) => {
        for (const error of errors) {
          if (!(error.originalError instanceof Error) || error.originalError instanceof GraphQLError)
            continue;
          Object.assign(error, { originalError: toRefusal(error.originalError, contextValue.requestId) });
        }
        return Promise.resolve();
      },
    }),
};

/** The public form of an error: a refusal's own words, the document's own mistakes, and nothing else. */
export function formatError(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError {
  const original = unwrapResolverError(error);
  if (!(original instanceof AppError)) return formatted;
  const { locations, path } = formatted;
  const { code, fieldErrors, message } = original;
  return { message, locations, path, extensions: fieldErrors === null ? { code } : { code, fieldErrors } };
}
