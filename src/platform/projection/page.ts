// Pages within a row: the newest of what belongs to it, as a connection.
import { getNamedType, isObjectType } from 'graphql';
import type { PageArgs } from '../graphql/connection.types.js';
import { type FieldSql, fragmentOf, NotCovered, type Variables } from './composer.js';
import type { Selected } from './selection.js';

interface Page {
  /** Which rows belong to it, by the aliases of a row and of what it belongs to. */
  on: (row: string, at: string) => string;
  /** The list's name in cursors, as SQL; nothing that JSON would escape. */
  list: (at: string) => string;
  /** @throws AppError INVALID_INPUT */
  read: (args: Record<string, unknown>) => PageArgs;
}

/** The first page, newest first. Later pages are left to loaders: a cursor must be compared with the list it is for. */
export function newest({ on, list, read }: Page): FieldSql {
  return (at, composer, field) => {
    const type = nodeTypeOf(field);
    const fragment = type === null ? undefined : fragmentOf(type);
    if (fragment === undefined) throw new NotCovered();
    const args = composer.argumentsOf(field);
    const first = composer.parameter('int', (variables: Variables) => {
      const page = read(args(variables));
      if (page.after !== undefined) throw new NotCovered();
      return page.first;
    });
    const row = composer.alias(fragment.alias);
    const rows = `FROM ${fragment.from} ${row} WHERE ${on(row, at)} ORDER BY ${row}.created_at DESC, ${row}.id DESC`;
    if (field.within.every(({ name }) => name === 'nodes' || name === '__typename')) {
      // Nobody asks whether there is more: a plain list will do, which takes PostgreSQL a good deal less.
      const lists = field.within.filter(({ name }) => name === 'nodes');
      const columns = lists.map(({ key, within }) => `${composer.row(type, row, within)} AS "${key}"`);
      const connection = composer.object(
        field.within,
        ({ key }) => `coalesce(json_agg(${row}."${key}"), '[]')`,
      );
      return `(SELECT ${connection} FROM (SELECT ${columns.join(', ')} ${rows} LIMIT ${first}) ${row} HAVING true)`;
    }
    const cursor = cursorOf(list(at), row);
    const shown = `FILTER (WHERE ${row}.turn <= ${first})`;
    const all = (item: string) => `coalesce(json_agg(${item} ORDER BY ${row}.turn) ${shown}, '[]')`;
    const connection: Record<string, (field: Selected) => string> = {
      nodes: ({ within }) => all(composer.row(type, row, within)),
      edges: ({ within }) =>
        all(
          composer.object(within, (edge) =>
            edge.name === 'node' ? composer.row(type, row, edge.within) : cursor,
          ),
        ),
      pageInfo: ({ within }) =>
        composer.object(
          within,
          ({ name }) =>
            ({
              hasNextPage: `count(*) > ${first}`,
              hasPreviousPage: 'false',
              startCursor: `any_value(${cursor}) FILTER (WHERE ${row}.turn = 1)`,
              endCursor: `(array_agg(${cursor} ORDER BY ${row}.turn DESC) ${shown})[1]`,
            })[name],
        ),
    };
    // HAVING makes it one row, also where nothing is asked for but __typename.
    return `(SELECT ${composer.object(field.within, (part) => connection[part.name]?.(part))} FROM (
      SELECT ${row}.*, row_number() OVER (ORDER BY ${row}.created_at DESC, ${row}.id DESC) AS turn
      ${rows} LIMIT ${first} + 1) ${row} HAVING true)`;
  };
}

/** The type of a connection's nodes. */
function nodeTypeOf({ type }: Selected) {
  const node = getNamedType(type?.getFields().nodes?.type);
  return isObjectType(node) ? node : null;
}

/** The same text as encodeCursor() makes. */
function cursorOf(list: string, row: string): string {
  const position = `(extract(epoch FROM ${row}.created_at) * 1000)::bigint`;
  const text = `'["' || ${list} || '",' || ${position} || ',"' || ${row}.id || '"]'`;
  return `translate(encode(convert_to(${text}, 'UTF8'), 'base64'), E'+/=\\n', '-_')`;
}
