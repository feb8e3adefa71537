// The short way of a known document: from the HTTP request straight to the operation's resolver, whose guard, limits,
// input checks and refusals are the same as ever, and for a query back with what PostgreSQL wrote. Documents that are
// new, and requests that are in any way unusual, go through Apollo Server.
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { execute, getArgumentValues, type GraphQLResolveInfo } from 'graphql';
import { ENV, type Env } from '../../config/env.js';
import { Unreadable } from '../crypto/sealer.js';
import { Vault } from '../crypto/vault.js';
import { fieldErrors } from '../graphql/field-errors.plugin.js';
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
  private readonly errorsFor: ReturnType<typeof fieldErrors>;

  constructor(
    @Inject(ENV) env: Env,
    private readonly documents: KnownDocuments,
    private readonly vault: Vault,
  ) {
    this.errorsFor = fieldErrors(env);
  }

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
      if (context.retryAfterSeconds !== null) void reply.header('retry-after', context.retryAfterSeconds);
      // As Apollo Server ends its answers.
      void reply.header('content-type', mediaType).send(`${text}\n`);
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

  private async answer(question: Question, context: RequestContext): Promise<string> {
    const { known, asked } = question;
    if (known.fields === null || asked === null) return this.execute(question, context);
    try {
      const fields = await Promise.all(
        known.fields.map(({ selected }, index) =>
          this.field(question, selected, asked[index] as Binding, context),
        ),
      );
      return `{"data":{${fields.join(',')}}}`;
    } catch (error) {
      if (error instanceof NotPlain) this.documents.demote(known);
      // Nothing was changed by a query: resolvers and loaders tell which field it is that cannot be read.
      else if (!(error instanceof Unreadable)) throw error;
      return this.execute(question, context);
    }
  }

  /** By resolvers and loaders. */
  private async execute({ known, given }: Question, context: RequestContext): Promise<string> {
    const { schema, document, operation } = known;
    const { data, errors } = await execute({
      ...{ schema, document, operationName: operation.name?.value },
      ...{ variableValues: given, contextValue: context },
    });
    return JSON.stringify({
      errors: errors === undefined ? undefined : this.errorsFor(errors, context.requestId),
      data,
    });
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
