// Documents that were answered before are not read again, and what their queries ask for is compiled once.
import { Inject, Injectable } from '@nestjs/common';
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  getVariableValues,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import { ENV, type Env } from '../../config/env.js';
import { AppError } from '../errors/app-error.js';
import { type DocumentLimits, documentLimits } from '../graphql/document-limits.plugin.js';
import { NotCovered, type Variables } from './composer.js';
import { type Binding, Compiled } from './projection.js';
import { type Selected, selectionOf } from './selection.js';

/** Characters of documents that are remembered. */
const MEMORY = 8_000_000;

/** How long a known document may be; a longer one is read again each time. */
const LONGEST = 20_000;

export interface KnownDocument {
  readonly key: string;
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly fragments: Record<string, FragmentDefinitionNode>;
  /** null where resolvers and loaders have to find what it asks for. */
  readonly fields: readonly { readonly selected: Selected; readonly compiled: Compiled }[] | null;
  /** How much it asks for may depend on its variables: lengths of pages do. */
  readonly sizeVaries: boolean;
}

/** A request for a known document, with good variables. */
export interface Question {
  readonly known: KnownDocument;
  /** As they came, and as the operation takes them. */
  readonly given: Variables;
  readonly variables: Variables;
  /** For each of its fields; null where resolvers and loaders have to find what it asks for. */
  readonly asked: readonly Binding[] | null;
}

@Injectable()
export class KnownDocuments {
  private readonly documents = new LRUCache<string, KnownDocument>({
    maxSize: MEMORY,
    sizeCalculation: ({ key }) => key.length,
  });
  private readonly problemOf: DocumentLimits;

  constructor(@Inject(ENV) env: Env) {
    this.problemOf = documentLimits(env);
  }

  /** Remembers a document that is valid and within the limits. */
  remember(
    source: string,
    operationName: string | undefined,
    { schema, document, operation }: Pick<KnownDocument, 'schema' | 'document' | 'operation'>,
  ): void {
    const key = keyOf(source, operationName);
    if (key.length > LONGEST || this.documents.has(key)) return;
    this.documents.set(key, {
      ...{ key, schema, document, operation },
      fields: compile(schema, document, operation),
      fragments: fragmentsOf(document),
      sizeVaries: (operation.variableDefinitions ?? []).some(({ type }) => namesInt(type)),
    });
  }

  /** From now on resolvers and loaders find what it asks for. */
  demote(known: KnownDocument): void {
    this.documents.set(known.key, { ...known, fields: null });
  }

  /** The question, or null where it is none for a known document with good variables. */
  questionOf(source: string, operationName: string | undefined, given: Variables): Question | null {
    const known = this.documents.get(keyOf(source, operationName));
    if (known === undefined) return null;
    const { schema, document, operation, fields, sizeVaries } = known;
    const { coerced: variables } = getVariableValues(schema, operation.variableDefinitions ?? [], given);
    if (variables === undefined) return null;
    if (sizeVaries && this.problemOf(schema, document, operation, given) !== null) return null;
    return { known, given, variables, asked: bind(fields, variables) };
  }
}

/** null where the arguments of a nested field are refused: that is an error of this field, and other data is there all the same. */
function bind(fields: KnownDocument['fields'], variables: Variables): readonly Binding[] | null {
  try {
    return fields?.map(({ compiled }) => compiled.bind(variables)) ?? null;
  } catch (error) {
    if (error instanceof NotCovered || error instanceof AppError) return null;
    throw error;
  }
}

/** null for mutations, whose answers are what they have just written, and for what SQL alone does not answer. */
function compile(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): KnownDocument['fields'] {
  if (operation.operation !== OperationTypeNode.QUERY) return null;
  try {
    const selected = selectionOf(schema, document, operation);
    return selected?.map((field) => ({ selected: field, compiled: Compiled.of(field) })) ?? null;
  } catch (error) {
    if (error instanceof NotCovered) return null;
    throw error;
  }
}

function fragmentsOf({ definitions }: DocumentNode): Record<string, FragmentDefinitionNode> {
  return Object.fromEntries(
    definitions.flatMap((definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition]] : [],
    ),
  );
}

function namesInt(
  type: NonNullable<OperationDefinitionNode['variableDefinitions']>[number]['type'],
): boolean {
  return type.kind === Kind.NAMED_TYPE ? type.name.value === 'Int' : namesInt(type.type);
}

function keyOf(source: string, operationName: string | undefined): string {
  return operationName === undefined ? source : `${operationName} ${source}`;
}
