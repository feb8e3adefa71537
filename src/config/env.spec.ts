import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { developmentSecrets } from './development-secrets.js';
import { BadSettings, readDatabaseUrl, readEnv, readRotationSettings } from './env.js';

const keyOf = (letter: string) => Buffer.from(letter.repeat(32)).toString('base64');

const MINIMAL = {
  DATABASE_URL: 'postgres://127.0.0.1/roost',
  REDIS_URL: 'redis://127.0.0.1',
  DATA_KEYS: `k1:${keyOf('a')}`,
  EMAIL_INDEX_KEYS: `i1:${keyOf('b')}`,
  JWT_SECRET: 'x'.repeat(32),
};

function problemsOf(source: Record<string, string>): readonly string[] {
  try {
    readEnv(source);
    return [];
  } catch (error) {
    if (error instanceof BadSettings) return error.problems;
    throw error;
  }
}

describe('settings', () => {
  it('have defaults for all but the addresses of the stores and the secrets', () => {
    expect(readEnv(MINIMAL)).toMatchObject({
      NODE_ENV: 'development',
      HOST: '127.0.0.1',
      PORT: 3000,
      WORKER: 'inline',
    });
    expect(problemsOf({})).toEqual([
      'DATABASE_URL is missing',
      'REDIS_URL is missing',
      'JWT_SECRET is missing',
      'DATA_KEYS is missing',
      'EMAIL_INDEX_KEYS is missing',
    ]);
  });

  it('name every bad key at once', () => {
    const problems = problemsOf({
      ...MINIMAL,
      PORT: '70000',
      WORKER: 'maybe',
      DATABASE_URL: 'mysql://x',
      REDIS_PREFIX: 'a:b',
      LOG_LEVEL: 'loud',
    });
    expect(problems.map((problem) => problem.split(' ')[0]).sort()).toEqual([
      'DATABASE_URL',
      'LOG_LEVEL',
      'PORT',
      'REDIS_PREFIX',
      'WORKER',
    ]);
  });

  it.each([
    ['1', true],
    ['0', true],
    ['65535', true],
    ['65536', false],
    ['-1', false],
    ['3000x', false],
    ['3e3', false],
    [' ', false],
  ])('PORT=%s is fine: %s', (PORT, fine) => {
    expect(problemsOf({ ...MINIMAL, PORT }).length === 0).toBe(fine);
  });

  it.each([
    ['roost-2', true],
    ['{roost}', true],
    ['{roost', false],
    ['{}', false],
    ['a:b', false],
  ])('REDIS_PREFIX=%s is fine: %s', (REDIS_PREFIX, fine) => {
    expect(problemsOf({ ...MINIMAL, REDIS_PREFIX }).length === 0).toBe(fine);
  });

  it('count a key with nothing behind it as left out', () => {
    expect(readEnv({ ...MINIMAL, PORT: '' })).toMatchObject({ PORT: 3000 });
    expect(problemsOf({ ...MINIMAL, JWT_SECRET: '' })).toEqual(['JWT_SECRET is missing']);
  });

  it('want a secret of 32 bytes outside development', () => {
    for (const NODE_ENV of ['production', 'test']) {
      expect(problemsOf({ ...MINIMAL, NODE_ENV, JWT_SECRET: 'x'.repeat(31) })).toEqual([
        'JWT_SECRET is too short: it needs 32 bytes or more',
      ]);
      expect(problemsOf({ ...MINIMAL, NODE_ENV })).toEqual([]);
    }
  });

  it('take a failpoint by its name, and never in production', () => {
    expect(readEnv({ ...MINIMAL, FAILPOINT: 'committed@3' }).FAILPOINT).toBe('committed@3');
    for (const FAILPOINT of ['elsewhere', 'committed@0', 'committed@', '@1'])
      expect(problemsOf({ ...MINIMAL, FAILPOINT })).toEqual([
        expect.stringMatching(/^FAILPOINT must be one of/),
      ]);
    expect(problemsOf({ ...MINIMAL, NODE_ENV: 'production', FAILPOINT: 'committed' })).toEqual([
      'FAILPOINT is for tests: production does not start with it',
    ]);
  });

  it('in development are completed by secrets that outlive a restart', () => {
    const folder = mkdtempSync(join(tmpdir(), 'roost-secrets-'));
    const before = process.cwd();
    process.chdir(folder);
    try {
      const made = developmentSecrets({ JWT_SECRET: 'given' });
      expect(Object.keys(made)).toEqual(['DATA_KEYS', 'EMAIL_INDEX_KEYS']);
      expect(problemsOf({ ...MINIMAL, ...made })).toEqual([]);
      expect(developmentSecrets({ JWT_SECRET: 'given' })).toEqual(made);
      expect(Buffer.byteLength(developmentSecrets({}).JWT_SECRET ?? '')).toBeGreaterThanOrEqual(32);
      expect(statSync(join('.roost', 'data-keys')).mode & 0o777).toBe(0o600);
    } finally {
      process.chdir(before);
      rmSync(folder, { recursive: true });
    }
  });

  it('want keys of stored data in development, too: a random one would lose what it wrote', () => {
    const { DATA_KEYS: _, ...rest } = MINIMAL;
    for (const NODE_ENV of ['development', 'test', 'production']) {
      expect(problemsOf({ ...rest, NODE_ENV })).toEqual(['DATA_KEYS is missing']);
    }
  });

  it('name a malformed key by its setting, and do not show it', () => {
    const half = Buffer.alloc(16, 7).toString('base64');
    const [problem = '', ...others] = problemsOf({ ...MINIMAL, DATA_KEYS: `k2:${keyOf('a')},k1:${half}` });
    expect(problem).toMatch(
      /^DATA_KEYS must be keys of the form id:base64, comma-separated; number 2 is not/,
    );
    expect(problem).not.toContain(half);
    expect(others).toEqual([]);
  });

  it('want a key of its own for the index of e-mail addresses', () => {
    expect(problemsOf({ ...MINIMAL, EMAIL_INDEX_KEYS: `i1:${keyOf('c')},i0:${keyOf('a')}` })).toEqual([
      'EMAIL_INDEX_KEYS must not hold a key of DATA_KEYS',
    ]);
  });

  it('for re-encrypting are the database and the keys', () => {
    expect(readRotationSettings(MINIMAL)).toMatchObject({ DATABASE_URL: MINIMAL.DATABASE_URL });
    expect(() => readRotationSettings({})).toThrow(/DATABASE_URL is missing[^]*DATA_KEYS is missing/);
  });

  it('for migrations are the database alone', () => {
    expect(readDatabaseUrl({ DATABASE_URL: 'postgresql://x/y' })).toBe('postgresql://x/y');
    expect(() => readDatabaseUrl({})).toThrow('DATABASE_URL is missing');
  });
});
