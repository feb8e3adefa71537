import { BadSettings, readDatabaseUrl, readEnv } from './env.js';

const MINIMAL = { DATABASE_URL: 'postgres://127.0.0.1/roost', REDIS_URL: 'redis://127.0.0.1' };
const SECRET = 'x'.repeat(32);

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
  it('have defaults for all but the addresses of the stores', () => {
    expect(readEnv(MINIMAL)).toMatchObject({
      NODE_ENV: 'development',
      HOST: '127.0.0.1',
      PORT: 3000,
      WORKER: 'inline',
    });
    expect(problemsOf({})).toEqual(['DATABASE_URL is missing', 'REDIS_URL is missing']);
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

  it('count a key with nothing behind it as left out', () => {
    expect(readEnv({ ...MINIMAL, PORT: '', JWT_SECRET: '' })).toMatchObject({
      PORT: 3000,
      secretIsTemporary: true,
    });
  });

  it('want a secret of 32 bytes outside development', () => {
    for (const NODE_ENV of ['production', 'test']) {
      expect(problemsOf({ ...MINIMAL, NODE_ENV })).toEqual([
        'JWT_SECRET is missing: it needs 32 bytes or more',
      ]);
      expect(problemsOf({ ...MINIMAL, NODE_ENV, JWT_SECRET: 'x'.repeat(31) })).toEqual([
        'JWT_SECRET is too short: it needs 32 bytes or more',
      ]);
      expect(problemsOf({ ...MINIMAL, NODE_ENV, JWT_SECRET: SECRET })).toEqual([]);
    }
  });

  it('make a fresh secret in development', () => {
    const [first, second] = [readEnv(MINIMAL), readEnv(MINIMAL)];
    expect(first.JWT_SECRET).not.toBe(second.JWT_SECRET);
    expect(Buffer.byteLength(first.JWT_SECRET)).toBeGreaterThanOrEqual(32);
    expect(readEnv({ ...MINIMAL, JWT_SECRET: SECRET })).toMatchObject({
      JWT_SECRET: SECRET,
      secretIsTemporary: false,
    });
  });

  it('for migrations are the database alone', () => {
    expect(readDatabaseUrl({ DATABASE_URL: 'postgresql://x/y' })).toBe('postgresql://x/y');
    expect(() => readDatabaseUrl({})).toThrow('DATABASE_URL is missing');
  });
});
