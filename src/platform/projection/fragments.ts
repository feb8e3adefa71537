// How modules say which SQL yields the fields of their GraphQL types.
import { columnsOf } from '../database/columns.js';
import { type FieldSql, type Fragment, fragments } from './composer.js';

/**
 * Describes a GraphQL type. Fields that are columns of the entity, by the same name, need no mention.
 */
export function describeType(
  type: string,
  entity: abstract new () => object,
  { alias, from }: Pick<Fragment, 'alias' | 'from'>,
  fields: Record<string, FieldSql>,
): void {
  const own = new Map<string, FieldSql>();
  for (const { property, column, type } of columnsOf(entity)) {
    own.set(
      property,
      type === 'timestamptz' ? (at) => instant(`${at}.${column}`) : (at) => `${at}.${column}`,
    );
  }
  for (const [name, sql] of Object.entries(fields)) own.set(name, sql);
  fragments.set(type, { alias, from, fields: own });
}

/** Adds a field that belongs to another module than its type does. */
export function describeField(type: string, name: string, sql: FieldSql): void {
  const fragment = fragments.get(type);
  if (fragment === undefined) throw new Error(`${type} is not described yet.`);
  fragment.fields.set(name, sql);
}

/** An instant as GraphQL shows it: in UTC, with milliseconds. */
function instant(sql: string): string {
  return `to_char(${sql} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}
