// The kinds of fields that take more than a column.
import { type PersonalData, SEALED_COLUMNS } from '../crypto/sealed-columns.js';
import { type FieldSql, fragmentOf, NotCovered, VIEWER } from './composer.js';

/** An object made of columns of the same row, such as Money. */
export function parts(columns: Record<string, string>): FieldSql {
  return (at, composer, { within }) =>
    composer.object(within, ({ name }) => {
      const column = columns[name];
      return column === undefined ? undefined : `${at}.${column}`;
    });
}

/** The row that another one points at; null where there is none. `on` says which, by their aliases. */
export function one(on: (at: string, other: string) => string): FieldSql {
  return (at, composer, { type, within }) => {
    const fragment = type === null ? undefined : fragmentOf(type);
    if (fragment === undefined) throw new NotCovered();
    const other = composer.alias(fragment.alias);
    return `(SELECT ${composer.row(type, other, within)} FROM ${fragment.from} ${other} WHERE ${on(at, other)})`;
  };
}

/**
 * Personal data: null but for a viewer of whom `when` holds, and still sealed when it comes out of the database. No
 * name in a GraphQL document holds a $, so nothing that anybody stores can pass for it.
 */
export function sealed(
  kind: PersonalData,
  of: (at: string) => { row: string; bytes: string },
  when: (at: string, viewer: string) => string,
): FieldSql {
  return (at, composer) => {
    composer.holdsSealed = true;
    const { row, bytes } = of(at);
    return `CASE WHEN ${when(at, composer.parameter('uuid', VIEWER))} AND ${bytes} IS NOT NULL
      THEN json_build_object('$${kind}', json_build_array(${row}, encode(${bytes}, 'hex'))) END`;
  };
}

/** What {@link sealed} made, if it is that. */
export function sealedIn(value: object): { kind: PersonalData; row: string; bytes: Buffer } | null {
  for (const kind in SEALED_COLUMNS) {
    const found = (value as Record<string, unknown>)[`$${kind}`];
    if (found === undefined) continue;
    const [row, hex] = found as [string, string];
    return { kind: kind as PersonalData, row, bytes: Buffer.from(hex, 'hex') };
  }
  return null;
}
