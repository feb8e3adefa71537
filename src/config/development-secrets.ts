// Secrets for development, made once and kept under .roost/: nobody is signed out by a restart, and what is stored stays
// readable. Elsewhere the operator sets them.
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = '.roost';

/** Setting → its file, and how to make it. */
const SECRETS: Record<string, { file: string; make: () => string }> = {
  JWT_SECRET: { file: 'jwt-secret', make: () => randomBytes(48).toString('base64url') },
  DATA_KEYS: { file: 'data-keys', make: () => `k1:${randomBytes(32).toString('base64')}` },
  EMAIL_INDEX_KEYS: { file: 'email-index-keys', make: () => `i1:${randomBytes(32).toString('base64')}` },
};

/** Those that the environment does not give. */
export function developmentSecrets(given: NodeJS.ProcessEnv): Record<string, string> {
  const missing = Object.entries(SECRETS).filter(([name]) => (given[name] ?? '') === '');
  return Object.fromEntries(missing.map(([name, { file, make }]) => [name, kept(join(FOLDER, file), make)]));
}

function kept(file: string, make: () => string): string {
  mkdirSync(FOLDER, { recursive: true });
  try {
    // Of several processes that start together the first one decides.
    writeFileSync(file, make(), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return readFileSync(file, 'utf8');
}
