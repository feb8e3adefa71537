// Finds users by an e-mail address that is stored sealed: a blind index, which tells nothing to those without its key
// and lets them try no guesses.
import { createHmac } from 'node:crypto';
import type { KeyRing, NamedKey } from './key-ring.js';

export class EmailIndex {
  constructor(private readonly ring: KeyRing) {}

  /** The fingerprint to store: length of the key's id, the id, HMAC-SHA-256 of the address. Case does not count. */
  of(email: string): Buffer {
    return fingerprint(this.ring.current, email);
  }

  /** Every fingerprint that the address may be stored under, the current key's first. */
  all(email: string): [Buffer, ...Buffer[]] {
    const [, ...older] = this.ring.keys;
    return [this.of(email), ...older.map((key) => fingerprint(key, email))];
  }
}

function fingerprint({ prefix, secret }: NamedKey, email: string): Buffer {
  const digest = createHmac('sha256', secret).update(email.toLowerCase(), 'utf8').digest();
  return Buffer.concat([prefix, digest]);
}
