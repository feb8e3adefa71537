// The commonest passwords, from leaks: what an attacker tries first. A list that comes with a package; nothing is asked
// of anybody.
import { dictionary } from '@zxcvbn-ts/language-common';

const COMMON: ReadonlySet<string> = new Set(dictionary['passwords-common']);

/** Whether many people use this password, in whatever case. */
export function isCommonPassword(password: string): boolean {
  return COMMON.has(password.toLowerCase());
}
