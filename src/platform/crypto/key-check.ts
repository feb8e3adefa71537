// Whether the configured keys are those that the database was written with. With other ones nobody could sign in,
// the same e-mail address could sign up twice, and stored data would be lost while new data is not.
import { hkdfSync } from 'node:crypto';
import type { Sql } from '../database/database.js';
import type { KeyRing, NamedKey } from './key-ring.js';

/** Key rings by the name of their setting. */
export type KeyRings = Readonly<Record<'DATA_KEYS' | 'EMAIL_INDEX_KEYS', KeyRing>>;

interface Known {
  setting: keyof KeyRings;
  keyId: string;
  proof: Buffer;
}

/**
 * Compares the keys with what the database knows of them, and makes the current ones known to it.
 * @returns one plain sentence for each key that is missing or not the same; empty where all fit
 */
export async function checkKeys(sql: Sql, rings: KeyRings): Promise<string[]> {
  const known = await findKnown(sql);
  const problems = problemsOf(rings, known);
  const current = currentKeys(rings);
  if (problems.length > 0 || current.every(({ setting, key }) => isAmong(known, setting, key)))
    return problems;
  await sql.query(
    `INSERT INTO key_check (setting, key_id, proof) SELECT * FROM unnest($1::text[], $2::text[], $3::bytea[])
     ON CONFLICT ON CONSTRAINT key_check_pkey DO NOTHING`,
    [
      current.map(({ setting }) => setting),
      current.map(({ key }) => key.id),
      current.map(({ key }) => proofOf(key)),
    ],
  );
  // Another instance may have come first, with another key under the same id.
  return problemsOf(rings, await findKnown(sql));
}

/** Forgets all but the current keys, once nothing is stored under others any more; answers the ids of those. */
export async function forgetOldKeys(sql: Sql, rings: KeyRings): Promise<string[]> {
  const current = currentKeys(rings);
  const rows = await sql.query<{ keyId: string }>(
    `DELETE FROM key_check k
     WHERE NOT EXISTS (
       SELECT FROM unnest($1::text[], $2::text[]) AS c (setting, key_id)
       WHERE c.setting = k.setting AND c.key_id = k.key_id
     )
     RETURNING key_id AS "keyId"`,
    [current.map(({ setting }) => setting), current.map(({ key }) => key.id)],
  );
  return rows.map(({ keyId }) => keyId);
}

function findKnown(sql: Sql): Promise<Known[]> {
  return sql.query('SELECT setting, key_id AS "keyId", proof FROM key_check ORDER BY setting, key_id');
}

function problemsOf(rings: KeyRings, known: readonly Known[]): string[] {
  return known.flatMap(({ setting, keyId, proof }) => {
    const key = rings[setting].keys.find(({ id }) => id === keyId);
    if (key === undefined)
      return [`${setting} lacks the key ${keyId}, which this database was written with: add it at the end`];
    return proof.equals(proofOf(key))
      ? []
      : [`${setting} has another key under the id ${keyId} than the one that this database was written with`];
  });
}

function currentKeys(rings: KeyRings): { setting: keyof KeyRings; key: NamedKey }[] {
  return (['DATA_KEYS', 'EMAIL_INDEX_KEYS'] as const).map((setting) => ({
    setting,
    key: rings[setting].current,
  }));
}

function isAmong(known: readonly Known[], setting: keyof KeyRings, key: NamedKey): boolean {
  return known.some((one) => one.setting === setting && one.keyId === key.id);
}

function proofOf({ secret }: NamedKey): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', 'roost key check', 32));
}
