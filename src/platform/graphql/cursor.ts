// Cursors: where a page ended, as an opaque text that only fits the list it came from.

/** What a list is sorted by, besides the id that breaks ties: an instant, a text, or a number. */
export type SortKey = Date | string | number;

/** Where a page ended. */
export interface Position<Key extends SortKey = SortKey> {
  readonly key: Key;
  readonly id: string;
}

/** A cursor as it was decoded; an instant comes as its milliseconds. */
export interface Cursor {
  readonly list: string;
  readonly key: string | number;
  readonly id: string;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** `list` names the list, with what narrows it: `bookings ACTIVE`, `reviews <group>`. */
export function encodeCursor(list: string, { key, id }: Position): string {
  const sort = key instanceof Date ? key.getTime() : key;
  return Buffer.from(JSON.stringify([list, sort, id])).toString('base64url');
}

/** What a cursor holds, or null where it is not one of ours. */
export function decodeCursor(cursor: string): Cursor | null {
  const parts = parse(cursor);
  if (!Array.isArray(parts) || parts.length !== 3) return null;
  const [list, key, id] = parts as unknown[];
  if (typeof list !== 'string' || typeof id !== 'string' || !UUID.test(id)) return null;
  return isText(key) || isCount(key) ? { list, key, id } : null;
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    return null;
  }
}

function isText(key: unknown): key is string {
  return typeof key === 'string' && key.isWellFormed() && !key.includes('\0');
}

/** Nothing here is counted below 0 or dated before 1970. */
function isCount(key: unknown): key is number {
  return Number.isSafeInteger(key) && (key as number) >= 0;
}
