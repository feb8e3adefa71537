// What a document asks for, as a tree of fields: fragments written out, repeated fields merged, in the order of the
// answer.
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  getNamedType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  isAbstractType,
  isCompositeType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

/** One field of an answer. */
export interface Selected {
  /** What the answer calls it. */
  readonly key: string;
  /** What the schema calls it. */
  readonly name: string;
  /** Holds its arguments. */
  readonly node: FieldNode;
  /** The type that it is a field of. */
  readonly parent: GraphQLObjectType;
  /** null for __typename, which every type has. */
  readonly field: GraphQLField<unknown, unknown> | null;
  /** The type of its value or of the items of its list; null for a leaf. */
  readonly type: GraphQLObjectType | null;
  /** What is asked of that value; empty for a leaf. */
  readonly within: readonly Selected[];
}

/**
 * The fields of an operation of a valid document. null where they depend on more than the document: directives, and
 * introspection, which answers for itself.
 */
export function selectionOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): readonly Selected[] | null {
  const root = schema.getRootType(operation.operation);
  const fragments = new Map(
    document.definitions.flatMap((definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition] as const] : [],
    ),
  );
  if (root === null || root === undefined || (operation.directives ?? []).length > 0) return null;
  return new Reader(schema, fragments).fieldsOf(root, [operation.selectionSet]);
}

class Reader {
  constructor(
    private readonly schema: GraphQLSchema,
    private readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  ) {}

  fieldsOf(parent: GraphQLObjectType, sets: readonly SelectionSetNode[]): readonly Selected[] | null {
    const nodes = new Map<string, FieldNode[]>();
    if (!sets.every((set) => this.collect(parent, set, nodes))) return null;
    const fields: Selected[] = [];
    for (const [key, same] of nodes) {
      const field = this.field(parent, key, same);
      if (field === null) return null;
      fields.push(field);
    }
    return fields;
  }

  private field(parent: GraphQLObjectType, key: string, nodes: readonly FieldNode[]): Selected | null {
    const [node] = nodes as [FieldNode];
    const name = node.name.value;
    if (name === '__typename') return { key, name, node, parent, field: null, type: null, within: [] };
    const field = parent.getFields()[name];
    if (field === undefined) return null;
    const type = getNamedType(field.type);
    if (!isCompositeType(type)) return { key, name, node, parent, field, type: null, within: [] };
    if (!isObjectType(type)) return null;
    const within = this.fieldsOf(
      type,
      nodes.flatMap(({ selectionSet }) => selectionSet ?? []),
    );
    return within === null ? null : { key, name, node, parent, field, type, within };
  }

  /** Adds the fields of a selection set that apply to the type, by key; false where one has a directive. */
  private collect(type: GraphQLObjectType, set: SelectionSetNode, into: Map<string, FieldNode[]>): boolean {
    return set.selections.every((selection) => {
      if ((selection.directives ?? []).length > 0) return false;
      if (selection.kind === Kind.FIELD) {
        const key = selection.alias?.value ?? selection.name.value;
        into.set(key, [...(into.get(key) ?? []), selection]);
        return true;
      }
      const fragment =
        selection.kind === Kind.FRAGMENT_SPREAD ? this.fragments.get(selection.name.value) : selection;
      if (fragment === undefined) return false;
      const condition = fragment.typeCondition?.name.value;
      return !this.applies(condition, type) || this.collect(type, fragment.selectionSet, into);
    });
  }

  private applies(condition: string | undefined, type: GraphQLObjectType): boolean {
    if (condition === undefined || condition === type.name) return true;
    const on = this.schema.getType(condition);
    return isAbstractType(on) && this.schema.isSubType(on, type);
  }
}
