// The short way of a query that is known: from the HTTP request straight to the operation's resolver, whose guard,
// limits, input checks and refusals are the same as ever, and back with what PostgreSQL wrote. Everything else, and
// everything that turns out otherwise than expected, goes through Apollo Server.
import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { getArgumentValues, type GraphQLResolveInfo } from 'graphql';
import { Unreadable } from '../crypto/sealer.js';
import { Vault } from '../crypto/vault.js';
import { RequestContext } from '../graphql/request-context.js';
import { sealedIn } from './fields.js';
import { NotPlain, write } from './json.js';
import { KnownDocuments, type Question } from './known-documents.js';
import type { Binding } from './projection.js';
import type { Selected } from './selection.js';

/** What clients say they accept, and what they get then. Whoever says anything else is for Apollo to understand. */
const MEDIA_TYPES = new Map<string | undefined, string>([
  [undefined, 'application/json; charset=utf-8'],
  ['*/*', 'application/json; charset=utf-8'],
  ['application/json', 'application/json; charset=utf-8'],
  [
    'application/graphql-response+json,application/json;q=0.9',
    'application/graphql-response+json; charset=utf-8',
  ],
]);

@Injectable()
export class DirectRoad {
  constructor(
    private readonly documents: KnownDocuments,
    private readonly vault: Vault,
  ) {}

  /** A hook for requests whose body is read. */
  readonly take = (request: FastifyRequest, reply: FastifyReply, next: (error?: Error) => void): void => {
    const mediaType = MEDIA_TYPES.get(request.headers.accept);
    const question = mediaType === undefined ? null : this.questionOf(request);
    if (mediaType === undefined || question === null) {
      next();
      return;
    }
    const context = new RequestContext(request);
    this.answer(question, context).then((text) => {
      if (text === null) {
        next();
        return;
      }
      if (context.retryAfterSeconds !== null) void reply.header('retry-after', context.retryAfterSeconds);
      void reply.header('content-type', mediaType).send(text);
    }, next);
  };

  private questionOf({ method, routeOptions, headers, body }: FastifyRequest): Question | null {
    if (method !== 'POST' || routeOptions.url !== '/graphql') return null;
    if (headers['content-type']?.startsWith('application/json') !== true) return null;
    const { query, operationName, variables, extensions } = (body ?? {}) as Record<string, unknown>;
    const isPlain =
      typeof query === 'string' &&
      isGiven(operationName, 'string') &&
      isGiven(variables, 'object') &&
      !Array.isArray(variables) &&
      extensions === undefined;
    if (!isPlain) return null;
    return this.documents.questionOf(
      query,
      (operationName as string | null | undefined) ?? undefined,
      (variables as Record<string, unknown> | null | undefined) ?? {},
    );
  }

  /** null where the other road must be taken. */
  private async answer(question: Question, context: RequestContext): Promise<string | null> {
    const { known, asked } = question;
    try {
      const fields = await Promise.all(
        known.fields.map(({ selected }, index) =>
          this.field(question, selected, asked[index] as Binding, context),
        ),
      );
      return `{"data":{${fields.join(',')}}}`;
    } catch (error) {
      // The other road tells whoever asks which field it is.
      if (error instanceof Unreadable) return null;
      if (!(error instanceof NotPlain)) throw error;
      this.documents.forget(known);
      return null;
    }
  }

  private async field(
    { known: { schema, operation, fragments }, variables }: Question,
    selected: Selected,
    asked: Binding,
    context: RequestContext,
  ): Promise<string> {
    const { key, node, parent, field } = selected;
    if (field?.resolve === undefined) throw new NotPlain();
    const info: GraphQLResolveInfo & { asked: Binding } = {
      asked,
      fieldName: field.name,
      fieldNodes: [node],
      returnType: field.type,
      parentType: parent,
      path: { prev: undefined, key, typename: parent.name },
      schema,
      fragments,
      rootValue: undefined,
      operation,
      variableValues: variables,
    };
    const reply: unknown = await field.resolve(
      undefined,
      getArgumentValues(field, node, variables),
      context,
      info,
    );
    return `"${key}":${write(selected.within, reply, this.open)}`;
  }

  /** Opens what is sealed in a JSON text. @throws Unreadable */
  private readonly open = (json: string): string =>
    JSON.stringify(
      JSON.parse(json, (_, value: unknown) => {
        const found = typeof value === 'object' && value !== null ? sealedIn(value) : null;
        return found === null ? value : this.vault.open(found.kind, found.row, found.bytes);
      }),
    );
}

function isGiven(value: unknown, type: 'string' | 'object'): boolean {
  return value === undefined || value === null || typeof value === type;
}
