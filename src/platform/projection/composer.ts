// Puts a projection together: one JSON expression for everything that is asked of a row, whatever it leads to.
import { getArgumentValues, type GraphQLObjectType } from 'graphql';
import type { Selected } from './selection.js';

export type Variables = Readonly<Record<string, unknown>>;

/** Stands for the id of whoever asks; null where nobody is signed in. */
export const VIEWER = Symbol('viewer');

/** What a parameter of the expression is, by the operation's variables. */
export type Parameter = typeof VIEWER | ((variables: Variables) => unknown);

/** Something was asked for that SQL alone does not answer. */
export class NotCovered extends Error {}

/** The JSON-able SQL expression of a field; `at` is the alias under which its type's row stands. @throws NotCovered */
export type FieldSql = (at: string, composer: Composer, field: Selected) => string;

/** What modules say of a GraphQL type: where its rows are, and which expression yields each field. */
export interface Fragment {
  /** The alias of a row in the repository's own statements. */
  readonly alias: string;
  /** A table, or a subquery in brackets. */
  readonly from: string;
  readonly fields: Map<string, FieldSql>;
}

/** By the name of the GraphQL type; filled as modules are loaded. */
export const fragments = new Map<string, Fragment>();

/** undefined: not to be had by SQL alone. */
export function fragmentOf(type: GraphQLObjectType): Fragment | undefined {
  return fragments.get(type.name);
}

/** A function of PostgreSQL takes 100 arguments: 50 names with their values. */
const MOST_FIELDS = 50;

export class Composer {
  readonly parameters: Parameter[] = [];
  /** Something in the answer is sealed. */
  holdsSealed = false;
  private rows = 0;

  /** A parameter as SQL: `$1::uuid`. */
  parameter(type: string, parameter: Parameter): string {
    const known = this.parameters.indexOf(parameter);
    const index = known < 0 ? this.parameters.push(parameter) : known + 1;
    return `$${index}::${type}`;
  }

  /** The arguments of a field. */
  argumentsOf({ field, node }: Selected): (variables: Variables) => Record<string, unknown> {
    if (field === null) throw new NotCovered();
    return (variables) => getArgumentValues(field, node, variables);
  }

  /** A name for one more row. */
  alias(prefix: string): string {
    return `${prefix}${++this.rows}`;
  }

  /** What is asked of the row `at`. @throws NotCovered */
  row(type: GraphQLObjectType | null, at: string, selected: readonly Selected[]): string {
    const fields = type === null ? undefined : fragmentOf(type)?.fields;
    return this.object(selected, (field) => fields?.get(field.name)?.(at, this, field));
  }

  /** An object of the selected fields. @throws NotCovered where one is undefined */
  object(selected: readonly Selected[], sqlOf: (field: Selected) => string | undefined): string {
    if (selected.length > MOST_FIELDS) throw new NotCovered();
    const pairs = selected.map((field) => {
      const sql = field.field === null ? `'${field.parent.name}'` : sqlOf(field);
      if (sql === undefined) throw new NotCovered();
      return `'${field.key}', ${sql}`;
    });
    return `json_build_object(${pairs.join(', ')})`;
  }
}
