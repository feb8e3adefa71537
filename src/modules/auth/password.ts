// Passwords: Argon2id with OWASP's parameters. One-way, salted, slow on purpose.
import { hash, type Options, verify } from '@node-rs/argon2';

/** The library's own name for it is a const enum, which isolated modules cannot read. */
const ARGON2ID = 2 as unknown as NonNullable<Options['algorithm']>;

const PARAMETERS: Options = { algorithm: ARGON2ID, memoryCost: 19 * 1024, timeCost: 2, parallelism: 1 };

export function hashPassword(password: string): Promise<string> {
  return hash(password, PARAMETERS);
}

/** A hash that no password fits: checked where there is no user, so that this takes as long as where there is one. */
const nobody = hashPassword(crypto.randomUUID());

/** Whether the password fits; `passwordHash` is null where nobody signed up with the address. */
export async function passwordFits(passwordHash: string | null, password: string): Promise<boolean> {
  const fits = await verify(passwordHash ?? (await nobody), password);
  return fits && passwordHash !== null;
}
