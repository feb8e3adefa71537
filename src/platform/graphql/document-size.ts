// How much an operation asks for, told before anything is executed: by its document, its variables and the schema.
import {
  type FieldNode,
  type FragmentDefinitionNode,
  getNamedType,
  getNullableType,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLSchema,
  isCompositeType,
  isListType,
  isObjectType,
  isInterfaceType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';

/** What an operation asks for, fragments written out where they are spread. */
export interface DocumentSize {
  /** Fields within fields. */
  depth: number;
  /** Fields, each as often as it is written or spread. */
  fields: number;
  aliases: number;
  directives: number;
  /** Most objects that the answer can hold: pages at their full length, each object once for every way to it. */
  objects: number;
}

/** Objects that a list without `first` is taken to hold. */
const UNPAGED_LENGTH = 50;

/** The longest page; a longer one is refused later, by name. */
const MAX_PAGE_LENGTH = 100;

const NOTHING: DocumentSize = { depth: 0, fields: 0, aliases: 0, directives: 0, objects: 0 };

type Variables = Readonly<Record<string, unknown>>;

/** Measures one operation of a valid document. Introspection is not counted: production refuses it as a whole. */
export function sizeOf(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  variables: Variables,
): DocumentSize {
  const root = schema.getRootType(operation.operation);
  if (root === undefined || root === null) return NOTHING;
  const own = { ...NOTHING, directives: operation.directives?.length ?? 0 };
  const measure = new Measure(schema, fragments, { ...defaultsOf(operation), ...variables });
  return sum(own, measure.selections(operation.selectionSet, root, null));
}

class Measure {
  /** A fragment is measured once for each page length that it stands under, however often it is spread. */
  private readonly measured = new Map<string, DocumentSize>();

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>,
    private readonly variables: Variables,
  ) {}

  /** `page` is the length that the next list within has, where a field further out was given `first`. */
  selections(
    { selections }: SelectionSetNode,
    type: GraphQLCompositeType,
    page: number | null,
  ): DocumentSize {
    let size = NOTHING;
    for (const selection of selections) {
      const directives = { ...NOTHING, directives: selection.directives?.length ?? 0 };
      size = sum(size, directives);
      if (selection.kind === Kind.FIELD) size = sum(size, this.field(selection, type, page));
      else if (selection.kind === Kind.FRAGMENT_SPREAD)
        size = sum(size, this.fragment(selection.name.value, page));
      else {
        const condition = selection.typeCondition?.name.value;
        const on = condition === undefined ? type : this.composite(condition, type);
        size = sum(size, this.selections(selection.selectionSet, on, page));
      }
    }
    return size;
  }

  private fragment(name: string, page: number | null): DocumentSize {
    const key = `${page} ${name}`;
    const known = this.measured.get(key);
    if (known !== undefined) return known;
    const fragment = this.fragments.get(name);
    if (fragment === undefined) return NOTHING;
    const type = this.schema.getType(fragment.typeCondition.name.value);
    const size = isCompositeType(type) ? this.selections(fragment.selectionSet, type, page) : NOTHING;
    this.measured.set(key, size);
    return size;
  }

  private field(node: FieldNode, parent: GraphQLCompositeType, inherited: number | null): DocumentSize {
    const aliases = node.alias === undefined ? 0 : 1;
    const field = fieldOf(parent, node.name.value);
    const type = field === undefined ? undefined : getNamedType(field.type);
    if (node.selectionSet === undefined || field === undefined || !isCompositeType(type)) {
      return { ...NOTHING, depth: 1, fields: 1, aliases };
    }
    const page = this.pageLength(node, field) ?? inherited;
    const isList = isListType(getNullableType(field.type));
    const length = isList ? (page ?? UNPAGED_LENGTH) : 1;
    const within = this.selections(node.selectionSet, type, isList ? null : page);
    return {
      depth: 1 + within.depth,
      fields: 1 + within.fields,
      aliases: aliases + within.aliases,
      directives: within.directives,
      objects: length * (1 + within.objects),
    };
  }

  /** What `first` says, or its default; null for a field that is no page. */
  private pageLength(node: FieldNode, field: GraphQLField<unknown, unknown>): number | null {
    const argument = field.args.find(({ name }) => name === 'first');
    if (argument === undefined) return null;
    const given = node.arguments?.find(({ name }) => name.value === 'first');
    const length = given === undefined ? undefined : this.number(given.value);
    const fallback = typeof argument.defaultValue === 'number' ? argument.defaultValue : MAX_PAGE_LENGTH;
    return Math.min(Math.max(length ?? fallback, 0), MAX_PAGE_LENGTH);
  }

  private number(value: ValueNode): number | undefined {
    if (value.kind === Kind.INT) return Number(value.value);
    const variable = value.kind === Kind.VARIABLE ? this.variables[value.name.value] : undefined;
    return typeof variable === 'number' ? variable : undefined;
  }

  private composite(name: string, fallback: GraphQLCompositeType): GraphQLCompositeType {
    const type = this.schema.getType(name);
    return isCompositeType(type) ? type : fallback;
  }
}

function fieldOf(type: GraphQLCompositeType, name: string) {
  return isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined;
}

function defaultsOf({ variableDefinitions = [] }: OperationDefinitionNode): Variables {
  return Object.fromEntries(
    variableDefinitions.flatMap(({ variable, defaultValue }) =>
      defaultValue?.kind === Kind.INT ? [[variable.name.value, Number(defaultValue.value)]] : [],
    ),
  );
}

function sum(a: DocumentSize, b: DocumentSize): DocumentSize {
  return {
    depth: Math.max(a.depth, b.depth),
    fields: a.fields + b.fields,
    aliases: a.aliases + b.aliases,
    directives: a.directives + b.directives,
    objects: a.objects + b.objects,
  };
}
