// When a stored password hash is due for a better one. Pure.

/** `$argon2id$v=19$m=19456,t=2,p=1$salt$hash` */
const ENCODED = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=\d+\$/;

/** Whether the hash is not Argon2id, or was made with less memory (KiB) or fewer passes than these. */
export function isWeaker(encoded: string, than: { memoryCost: number; timeCost: number }): boolean {
  const [, memory, passes] = ENCODED.exec(encoded) ?? [];
  return Number(memory ?? 0) < than.memoryCost || Number(passes ?? 0) < than.timeCost;
}
