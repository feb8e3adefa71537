// Roost as its clients see it: any operation of the committed schema by name, over real HTTP.
import { readFileSync } from 'node:fs';
import {
  buildSchema,
  type GraphQLField,
  type GraphQLObjectType,
  isLeafType,
  isObjectType,
  getNamedType,
} from 'graphql';
import { type GraphQLResult, post, type Reply } from '../../scripts/graphql-client.js';

export type { GraphQLResult, Reply } from '../../scripts/graphql-client.js';

/** Data of an answer; tests look into it freely. */

export type Json = any;

const SCHEMA = buildSchema(readFileSync('schema.graphql', 'utf8'));

const OPERATIONS = new Map(
  (['query', 'mutation'] as const).flatMap((kind) => {
    const type = kind === 'query' ? SCHEMA.getQueryType() : SCHEMA.getMutationType();
    return Object.values((type as GraphQLObjectType).getFields()).map(
      (field) => [field.name, { kind, field }] as const,
    );
  }),
);

export class Api {
  constructor(readonly url: string) {}

  /** Sends a document as it is. */
  post(query: string, variables: Record<string, unknown> = {}, token?: string): Promise<GraphQLResult> {
    return post(`${this.url}/graphql`, query, variables, token);
  }

  /**
   * Calls one operation; answers its envelope. `selection` is that of data; left out: its scalars.
   * @throws Error where the document never reached the operation
   */
  async call(
    operation: string,
    args: Record<string, unknown> = {},
    token?: string,
    selection?: string,
  ): Promise<Reply<Json>> {
    const { data, errors } = await this.post(
      documentFor(operation, Object.keys(args), selection),
      args,
      token,
    );
    const reply = data?.[operation] as Reply<Json> | undefined;
    if (reply === undefined || errors !== undefined)
      throw new Error(`${operation}: ${JSON.stringify(errors ?? data)}`);
    return reply;
  }

  /** The data of a call that must succeed. */
  async must(
    operation: string,
    args: Record<string, unknown> = {},
    token?: string,
    selection?: string,
  ): Promise<Json> {
    const { status, message, fieldErrors, data } = await this.call(operation, args, token, selection);
    if (status !== 'OK' && status !== 'CREATED')
      throw new Error(`${operation}: ${status} ${message} ${JSON.stringify(fieldErrors)}`);
    return data;
  }
}

/** A document that calls one operation with the given arguments as variables. */
function documentFor(operation: string, args: readonly string[], selection?: string): string {
  const { kind, field } = OPERATIONS.get(operation) ?? unknownOperation(operation);
  const given = field.args.filter(({ name }) => args.includes(name));
  const declared = given.map(({ name, type }) => `$${name}: ${String(type)}`).join(', ');
  const passed = given.map(({ name }) => `${name}: $${name}`).join(', ');
  const data = selection ?? scalarsOfData(field);
  return `${kind} ${declared === '' ? '' : `(${declared})`} {
    ${operation} ${passed === '' ? '' : `(${passed})`} { status message code fieldErrors { path message } data ${data} }
  }`;
}

/** Names of every operation, by kind. */
export function operationNames(kind: 'query' | 'mutation'): string[] {
  return [...OPERATIONS.values()]
    .filter((operation) => operation.kind === kind)
    .map(({ field }) => field.name);
}

function scalarsOfData(field: GraphQLField<unknown, unknown>): string {
  const envelope = getNamedType(field.type) as GraphQLObjectType;
  const type = getNamedType(envelope.getFields().data?.type);
  if (!isObjectType(type)) return '';
  const nodes = type.getFields().nodes;
  return nodes === undefined
    ? scalars(type)
    : `{ nodes ${scalars(getNamedType(nodes.type) as GraphQLObjectType)} }`;
}

function scalars(type: GraphQLObjectType): string {
  const names = Object.values(type.getFields()).filter(
    ({ args, type: of }) => args.length === 0 && isLeafType(getNamedType(of)),
  );
  return `{ ${names.map(({ name }) => name).join(' ')} }`;
}

function unknownOperation(operation: string): never {
  throw new Error(`The schema has no operation ${operation}.`);
}
