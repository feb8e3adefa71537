// The only reader of process.env. The settings are parsed once, typed, and refused with every bad key named.
import { existsSync } from 'node:fs';
import { cleanEnv, EnvMissingError } from 'envalid';
import { developmentSecrets } from './development-secrets.js';
import { SETTINGS } from './settings.js';

/** The parsed settings of one process. */
export type Env = Readonly<ReturnType<typeof parse>>;

/** Injection token for {@link Env}. */
export const ENV = Symbol('ENV');

/** Settings that are missing or malformed; `problems` holds one plain sentence for each. */
export class BadSettings extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`Roost cannot start with these settings:\n${problems.map((line) => `  - ${line}`).join('\n')}`);
  }
}

/**
 * Reads and checks the settings. A `.env` file in the working directory fills in what the environment lacks, and in development
 * so do secrets kept under `.roost/`.
 * @throws BadSettings naming every bad key
 */
export function readEnv(source: NodeJS.ProcessEnv = environment()): Env {
  return Object.freeze(parse(source));
}

/**
 * The one setting that migrations need.
 * @throws BadSettings where it is missing or malformed
 */
export function readDatabaseUrl(source: NodeJS.ProcessEnv = environment()): string {
  return readSome({ DATABASE_URL: SETTINGS.DATABASE_URL }, source).DATABASE_URL;
}

/**
 * What re-encrypting stored data needs.
 * @throws BadSettings naming every bad key
 */
export function readRotationSettings(source: NodeJS.ProcessEnv = environment()) {
  const { DATABASE_URL, DATA_KEYS, EMAIL_INDEX_KEYS } = SETTINGS;
  return readSome({ DATABASE_URL, DATA_KEYS, EMAIL_INDEX_KEYS }, source);
}

function readSome<Specs extends object>(specs: Specs, source: NodeJS.ProcessEnv) {
  const problems: string[] = [];
  const parsed = check(source, specs, problems);
  if (problems.length > 0) throw new BadSettings(problems);
  return parsed;
}

function environment(): NodeJS.ProcessEnv {
  if (existsSync('.env')) process.loadEnvFile('.env');
  const { NODE_ENV = '' } = process.env;
  const isDevelopment = NODE_ENV === '' || NODE_ENV === 'development';
  return isDevelopment ? { ...process.env, ...developmentSecrets(process.env) } : process.env;
}

function parse(source: NodeJS.ProcessEnv) {
  const problems: string[] = [];
  const parsed = check(source, SETTINGS, problems);
  const { JWT_SECRET: secret, NODE_ENV: mode } = parsed;
  if (mode !== 'development' && problems.length === 0 && Buffer.byteLength(secret) < 32) {
    problems.push('JWT_SECRET is too short: it needs 32 bytes or more');
  }
  if (parsed.JWT_PREVIOUS_SECRETS.some((previous) => Buffer.byteLength(previous) < 32)) {
    problems.push('JWT_PREVIOUS_SECRETS holds a secret that is too short: each needs 32 bytes or more');
  }
  if ((parsed.TLS_CERT_FILE === undefined) !== (parsed.TLS_KEY_FILE === undefined)) {
    problems.push('TLS_CERT_FILE and TLS_KEY_FILE must be given together');
  }
  if (problems.length === 0 && parsed.EMAIL_INDEX_KEYS.overlaps(parsed.DATA_KEYS)) {
    problems.push('EMAIL_INDEX_KEYS must not hold a key of DATA_KEYS');
  }
  if (mode === 'production' && parsed.FAILPOINT !== undefined) {
    problems.push('FAILPOINT is for tests: production does not start with it');
  }
  if (problems.length > 0) throw new BadSettings(problems);
  return parsed;
}

function check<Specs extends object>(source: NodeJS.ProcessEnv, specs: Specs, problems: string[]) {
  // A key with nothing behind it, as a copied .env.example has, counts as left out.
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ''));
  const parsed = cleanEnv(given, specs, {
    reporter: ({ errors }) => {
      for (const [key, error] of Object.entries<Error | undefined>(errors)) {
        problems.push(
          `${key} ${error instanceof EnvMissingError ? 'is missing' : (error?.message ?? 'is malformed')}`,
        );
      }
    },
  });
  // A plain copy: envalid's own object throws when a key with a problem is read.
  return { ...parsed };
}
