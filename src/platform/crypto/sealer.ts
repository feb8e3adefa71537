// Encryption of personal data at rest: AES-256-GCM, each text bound to the row and column that it is stored in.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { KeyRing } from './key-ring.js';
import { type PersonalData, SEALED_COLUMNS } from './sealed-columns.js';

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Stored bytes that are not what was sealed for this row and column, or under a key that is not here. A fault. */
export class Unreadable extends Error {
  constructor(kind: PersonalData, rowId: string, problem: string, options?: ErrorOptions) {
    const { table, column } = SEALED_COLUMNS[kind];
    super(`What is stored in ${table}.${column} of row ${rowId} ${problem}.`, options);
  }
}

/**
 * Sealed bytes are: length of the key's id, the id, a random nonce, the ciphertext, the tag. They open with the key
 * of that id, in the row and column that they were sealed for, and nowhere else.
 */
export class Sealer {
  constructor(private readonly ring: KeyRing) {}

  /** The bytes to store for a text of the given kind in the given row. */
  seal(kind: PersonalData, rowId: string, text: string): Buffer {
    const { prefix, secret } = this.ring.current;
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, secret, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(placeOf(kind, rowId));
    return Buffer.concat([prefix, nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  }

  /**
   * The text that was sealed for this row.
   * @throws Unreadable
   */
  open(kind: PersonalData, rowId: string, sealed: Buffer): string {
    const key = this.ring.keys.find(({ prefix }) => sealed.subarray(0, prefix.length).equals(prefix));
    if (key === undefined) throw new Unreadable(kind, rowId, 'is under no key of DATA_KEYS');
    const start = key.prefix.length;
    const textStart = start + NONCE_BYTES;
    const textEnd = sealed.length - TAG_BYTES;
    if (textEnd < textStart) throw new Unreadable(kind, rowId, 'is cut short');
    const options = { authTagLength: TAG_BYTES };
    const decipher = createDecipheriv(ALGORITHM, key.secret, sealed.subarray(start, textStart), options);
    decipher.setAAD(placeOf(kind, rowId)).setAuthTag(sealed.subarray(textEnd));
    try {
      const text = decipher.update(sealed.subarray(textStart, textEnd), undefined, 'utf8');
      return text + decipher.final('utf8');
    } catch (cause) {
      throw new Unreadable(kind, rowId, `was not sealed there with key ${key.id}`, { cause });
    }
  }
}

/** What ties a ciphertext to its place: authenticated with it, though not stored. */
function placeOf(kind: PersonalData, rowId: string): Buffer {
  const { table, column } = SEALED_COLUMNS[kind];
  return Buffer.from(`${table}.${column}.${rowId}`, 'latin1');
}
