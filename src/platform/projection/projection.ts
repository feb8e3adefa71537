// What a statement yields of each row: the row itself, for resolvers and loaders to go on from, or all that was asked
// of it, as JSON.
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { GqlExecutionContext } from '@nestjs/graphql';
import type { GraphQLResolveInfo } from 'graphql';
import type { RequestContext } from '../graphql/request-context.js';
import { Composer, fragmentOf, NotCovered, type Parameter, VIEWER, type Variables } from './composer.js';
import { Json } from './json.js';
import type { Selected } from './selection.js';

/** How a statement reads the rows of its type, which stand under the type's alias. */
export interface Projection<Node> {
  /** The SELECT list; `keys` are columns that the statement itself has a use for. */
  readonly columns: (keys?: string) => string;
  /** Values of the parameters $1, $2 … of the list; the statement's own come after these. */
  readonly values: () => unknown[];
  readonly nodeOf: (row: object) => Node;
}

/** Rows as they are. */
export function rows<Node>(columns: string, toNode: (row: never) => Node): Projection<Node> {
  return {
    columns: (keys) => (keys === undefined ? columns : `${columns}, ${keys}`),
    values: () => [],
    nodeOf: (row) => toNode(row as never),
  };
}

/** What is asked of a row, ready for any request that asks just that. */
export class Compiled {
  private constructor(
    private readonly columns: string,
    private readonly parameters: readonly Parameter[],
    /** What each of the columns holds: a page may ask for its nodes here and for those of its edges there. */
    private readonly selections: readonly (readonly Selected[])[],
    private readonly holdsSealed: boolean,
    /** Fields of the envelope and of the page in it. */
    private readonly around: ReadonlySet<string>,
  ) {}

  /**
   * For an operation: what it asks of the rows that its envelope holds.
   * @throws NotCovered
   */
  static of(operation: Selected): Compiled {
    const asked = described(operation.within);
    const composer = new Composer();
    const columns = asked.map(({ type, within }, index) => {
      const alias = type === null ? undefined : fragmentOf(type)?.alias;
      if (alias === undefined) throw new NotCovered();
      return `${composer.row(type, alias, within)}::text AS "${index}"`;
    });
    return new Compiled(
      columns.join(', '),
      composer.parameters,
      asked.map(({ within }) => within),
      composer.holdsSealed,
      new Set(around(operation.within)),
    );
  }

  /** For one request. @throws NotCovered, AppError where the fields' arguments are no good */
  bind(variables: Variables): Binding {
    const values = this.parameters.map((parameter) => (parameter === VIEWER ? VIEWER : parameter(variables)));
    const { columns, selections, holdsSealed, around } = this;
    return (viewer) => ({
      columns: (keys = '') => (columns === '' || keys === '' ? columns || keys : `${columns}, ${keys}`),
      values: () => values.map((value) => (value === VIEWER ? (viewer?.id ?? null) : value)),
      nodeOf: (row) => new Json(row as Record<number, string>, selections, holdsSealed),
      asksFor: (field) => around.has(field),
    });
  }
}

/** The outermost fields whose types modules describe. */
function described(selected: readonly Selected[]): Selected[] {
  return selected.flatMap((field) => {
    const { type, within } = field;
    return type !== null && fragmentOf(type) !== undefined ? [field] : described(within);
  });
}

/** Names of the fields outside of these. */
function around(selected: readonly Selected[]): string[] {
  return selected.flatMap(({ name, type, within }) =>
    type !== null && fragmentOf(type) !== undefined ? [] : [name, ...around(within)],
  );
}

/** What one request asks of the rows that an operation is about, once it is known who asks. */
export type Binding = (viewer: { readonly id: string } | null) => NonNullable<Asked>;

/** How to read what an operation is about, or null where resolvers and loaders do the rest. */
export type Asked =
  | (Projection<Json> & {
      /** Whether the envelope, or the page in it, is to hold this field. */
      readonly asksFor: (field: string) => boolean;
    })
  | null;

/** Resolver parameter: how to read what the operation is about, or null where resolvers and loaders do the rest. */
export const AskedFor = createParamDecorator((_: unknown, execution: ExecutionContext): Asked => {
  const gql = GqlExecutionContext.create(execution);
  const { asked } = gql.getInfo<GraphQLResolveInfo & { asked?: Binding }>();
  return asked?.(gql.getContext<RequestContext>().viewer) ?? null;
});
