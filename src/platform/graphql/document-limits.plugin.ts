// Refuses operations that ask for too much, before anything of them is executed.
import type { ApolloServerPlugin } from '@apollo/server';
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
} from 'graphql';
import type { Env } from '../../config/env.js';
import { type DocumentSize, sizeOf } from './document-size.js';

/** extensions.code of what is refused here, and of documents with too many tokens. */
export const DOCUMENT_LIMIT = 'DOCUMENT_LIMIT';

/** What is too much about an operation, as one plain sentence; null where nothing is. */
export type DocumentLimits = (
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
) => string | null;

export function documentLimits(env: Env): DocumentLimits {
  const limits: [keyof DocumentSize, number, string][] = [
    ['depth', env.GRAPHQL_MAX_DEPTH, 'levels of fields'],
    ['fields', env.GRAPHQL_MAX_FIELDS, 'fields'],
    ['aliases', env.GRAPHQL_MAX_ALIASES, 'aliases'],
    ['directives', env.GRAPHQL_MAX_DIRECTIVES, 'directives'],
    ['objects', env.GRAPHQL_MAX_OBJECTS, 'objects in the answer'],
  ];
  return (schema, document, operation, variables) => {
    const fragments = new Map(
      document.definitions.flatMap((definition) =>
        definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition] as const] : [],
      ),
    );
    const size = sizeOf(schema, operation, fragments, variables);
    const over = limits.find(([name, most]) => size[name] > most);
    if (over === undefined) return null;
    const [name, most, what] = over;
    return `This operation asks for ${size[name]} ${what}; at most ${most} are allowed.`;
  };
}

export function documentLimitsPlugin(env: Env): ApolloServerPlugin {
  const problemOf = documentLimits(env);
  return {
    requestDidStart: () =>
      Promise.resolve({
        didResolveOperation: ({ schema, document, operation, request }) => {
          if (operation === undefined) return Promise.resolve();
          const problem = problemOf(schema, document, operation, request.variables ?? {});
          if (problem !== null) throw tooMuch(problem);
          return Promise.resolve();
        },
      }),
  };
}

/** A refusal with HTTP 400. */
function tooMuch(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: DOCUMENT_LIMIT, http: { status: 400 } } });
}
