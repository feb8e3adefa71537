// Batching for field resolvers: what a page asks for N times is read once.
import DataLoader from 'dataloader';
import type { Actor } from './actor.js';
import type { RequestContext } from './request-context.js';

type ReadMany<Key, Value> = (
  keys: readonly Key[],
  viewer: Actor | null,
) => Promise<ReadonlyMap<string, Value>>;

/**
 * One kind of thing that field resolvers ask for. A loader lives as long as a module, what it loaded as long as a
 * request. `keyOf` tells keys apart and is what `readMany` answers by.
 */
export class Loader<Key, Value> {
  constructor(
    private readonly readMany: ReadMany<Key, Value>,
    private readonly keyOf: (key: Key) => string = String,
  ) {}

  /** The thing, or undefined where there is none. */
  load(context: RequestContext, key: Key): Promise<Value | undefined> {
    return this.of(context).load(key);
  }

  /** The thing that a foreign key promises. */
  async loadExisting(context: RequestContext, key: Key): Promise<Value> {
    const value = await this.load(context, key);
    if (value === undefined)
      throw new Error(`Nothing is stored under ${this.keyOf(key)}, though a row refers to it.`);
    return value;
  }

  private of(context: RequestContext): DataLoader<Key, Value | undefined, string> {
    const open = context.loaders.get(this) as DataLoader<Key, Value | undefined, string> | undefined;
    if (open !== undefined) return open;
    const { viewer } = context;
    const loader = new DataLoader<Key, Value | undefined, string>(
      async (keys) => {
        const found = await this.readMany(keys, viewer);
        return keys.map((key) => found.get(this.keyOf(key)));
      },
      { cacheKeyFn: this.keyOf },
    );
    context.loaders.set(this, loader);
    return loader;
  }
}

/** Rows by one of their ids, as {@link Loader} wants them. */
export function byKey<Row>(rows: readonly Row[], name: keyof Row): Map<string, Row> {
  return new Map(rows.map((row) => [String(row[name]), row]));
}
