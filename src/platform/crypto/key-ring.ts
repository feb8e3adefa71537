// Named keys of one purpose. The first is the current one; the others are kept to read what was written with them.
import { createSecretKey, type KeyObject } from 'node:crypto';

/** 43 letters of base64, padded or not, are 32 bytes. */
const ENTRY = /^([a-z0-9]{1,16}):([A-Za-z0-9+/]{43}=?)$/;

export interface NamedKey {
  readonly id: string;
  /** Made once: a key as bytes would be copied and prepared anew for each use. */
  readonly secret: KeyObject;
  /** Stands before everything written with this key: the length of the id, then the id. */
  readonly prefix: Buffer;
}

export class KeyRing {
  readonly current: NamedKey;

  /** @param keys at least one; the first is the current one */
  constructor(readonly keys: readonly NamedKey[]) {
    const [first] = keys;
    if (first === undefined) throw new Error('must hold at least one key');
    this.current = first;
  }

  /**
   * Reads `id:base64,id:base64`: 32 bytes each, ids and keys all different.
   * @throws Error in words that follow the name of a setting, and never hold a key
   */
  static parse(text: string): KeyRing {
    const keys = text.split(',').map((entry, index) => {
      const [, id, base64 = ''] = ENTRY.exec(entry.trim()) ?? [];
      if (id === undefined) {
        throw new Error(
          `must be keys of the form id:base64, comma-separated; number ${index + 1} is not (an id is 1 to 16 of a-z ` +
            `and 0-9, a key 32 bytes in base64)`,
        );
      }
      const secret = createSecretKey(Buffer.from(base64, 'base64'));
      return { id, secret, prefix: Buffer.from(`${String.fromCharCode(id.length)}${id}`, 'latin1') };
    });
    keys.forEach(({ id, secret }, index) => {
      for (const other of keys.slice(0, index)) {
        if (other.id === id) throw new Error(`must not hold two keys with the id ${id}`);
        if (other.secret.equals(secret))
          throw new Error(`must not hold the same key as ${other.id} and ${id}`);
      }
    });
    return new KeyRing(keys);
  }

  /** Whether any key is in both. */
  overlaps(other: KeyRing): boolean {
    return this.keys.some(({ secret }) => other.keys.some((key) => key.secret.equals(secret)));
  }
}
