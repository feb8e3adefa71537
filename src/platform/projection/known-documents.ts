// Documents that were answered before are not read again: what their queries ask for is compiled once.
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
import { type DocumentLimits, documentLimits } from '../graphql/document-limits.plugin.js';
import { NotCovered, type Variables } from './composer.js';
import { type Binding, Compiled } from './projection.js';
import { type Selected, selectionOf } from './selection.js';

/** Characters of documents that are remembered. */
const MEMORY = 8_000_000;

/** How long a known document may be; a longer one is read again each time. */
const LONGEST = 20_000;

/** A document with operations that take another road. */
const UNFIT = null;

export interface KnownDocument {
  readonly key: string;
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly fragments: Record<string, FragmentDefinitionNode>;
  readonly fields: readonly { readonly selected: Selected; readonly compiled: Compiled }[];
  /** How much it asks for may depend on its variables: lengths of pages do. */
  readonly sizeVaries: boolean;
}

/** A request for a known document, with good variables. */
export interface Question {
  readonly known: KnownDocument;
  readonly variables: Variables;
  /** For each of its fields. */
  readonly asked: readonly Binding[];
}

@Injectable()
export class KnownDocuments {
  private readonly documents = new LRUCache<
    string,
    KnownDocument | { readonly key: string; fields: typeof UNFIT }
  >({
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
    const fields = compile(schema, document, operation);
    this.documents.set(
      key,
      fields === UNFIT
        ? { key, fields }
        : {
            key,
            schema,
            document,
            operation,
            fields,
            fragments: fragmentsOf(document),
            sizeVaries: (operation.variableDefinitions ?? []).some(({ type }) => namesInt(type)),
          },
    );
  }

  /** From now on it takes another road. */
  forget({ key }: KnownDocument): void {
    this.documents.set(key, { key, fields: UNFIT });
  }

  /** The question, or null where it is none for a known document with good variables. */
  questionOf(
    source: string,
    operationName: string | undefined,
    given: Readonly<Record<string, unknown>>,
  ): Question | null {
    const known = this.documents.get(keyOf(source, operationName));
    if (known === undefined || known.fields === UNFIT) return null;
    const { schema, document, operation, fields, sizeVaries } = known;
    const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], given);
    if (coerced === undefined) return null;
    if (sizeVaries && this.problemOf(schema, document, operation, given) !== null) return null;
    try {
      return { known, variables: coerced, asked: fields.map(({ compiled }) => compiled.bind(coerced)) };
    } catch {
      // Refused arguments of nested fields are errors of these fields, and other data is there all the same.
      return null;
    }
  }
}

/** @returns null where an operation is not for this road */
function compile(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): KnownDocument['fields'] | typeof UNFIT {
  if (operation.operation !== OperationTypeNode.QUERY) return UNFIT;
  try {
    const selected = selectionOf(schema, document, operation);
    return selected?.map((field) => ({ selected: field, compiled: Compiled.of(field) })) ?? UNFIT;
  } catch (error) {
    if (error instanceof NotCovered) return UNFIT;
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
