// How PostgreSQL's values become JavaScript's.
import pg from 'pg';

const { builtins } = pg.types;

/** Dates stay calendar dates; bigint counts are safe integers here (amounts and sequences end far below 2^53). */
const OWN = new Map<number, (text: string) => unknown>([
  [builtins.DATE, (text) => text],
  [builtins.INT8, Number],
]);

/** A type of PostgreSQL, by its number there. */
export type TypeId = Parameters<typeof pg.types.getTypeParser>[0];

/** What turns the text of a column of this type into a value. */
export function parserOf(type: TypeId): (text: string) => unknown {
  return OWN.get(type) ?? (pg.types.getTypeParser(type) as (text: string) => unknown);
}
