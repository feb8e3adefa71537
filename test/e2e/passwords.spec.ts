// Passwords: which are refused, how they are kept, and what signing in tells about who is known here.
import { TestApp } from '../support/app.js';
import { uniqueText, World } from '../support/world.js';

describe('passwords', () => {
  let app: TestApp;
  let world: World;

  beforeAll(async () => {
    app = await TestApp.start();
    world = new World(app);
  });

  afterAll(() => app.stop());

  const hashOf = async (id: string) => {
    const { rows } = await app.sql.query<{ hash: string }>(
      'SELECT password_hash AS hash FROM users WHERE id = $1',
      [id],
    );
    return rows[0]?.hash ?? '';
  };

  it('are kept as Argon2id with at least 19 MiB and 2 passes', async () => {
    const { id } = await world.tenant();
    expect(await hashOf(id)).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[^$]{22}\$[^$]{43}$/);
  });

  it.each(['password', '12345678', 'QwErTyUiOp', 'iloveyou', 'football'])(
    'as common as %s are refused, in words that say why',
    async (password) => {
      const input = { email: `${uniqueText()}@example.com`, password, role: 'TENANT', displayName: 'x' };
      const { code, fieldErrors, data } = await app.api.call('signUp', { input });
      expect({ code, data }).toEqual({ code: 'INVALID_INPUT', data: null });
      expect(fieldErrors).toEqual([
        { path: 'password', message: expect.stringMatching(/many people use this password/) },
      ]);
    },
  );

  it('are hashed anew at the next sign-in once parameters rise, and never with weaker ones', async () => {
    const person = await world.tenant();
    const input = { email: person.email, password: person.password };
    const stronger = await TestApp.start({
      ...app.settings,
      PORT: '0',
      PASSWORD_MEMORY_KIB: '20480',
      PASSWORD_PASSES: '3',
    });
    const before = await hashOf(person.id);
    expect((await stronger.api.call('signIn', { input: { ...input, password: 'wrong' } })).code).toBe(
      'BAD_CREDENTIALS',
    );
    expect(await hashOf(person.id)).toBe(before);
    await stronger.api.must('signIn', { input });
    const better = await hashOf(person.id);
    expect(better).toMatch(/^\$argon2id\$v=19\$m=20480,t=3,p=1\$/);
    await stronger.api.must('signIn', { input });
    await app.api.must('signIn', { input });
    expect(await hashOf(person.id)).toBe(better);
    await stronger.stop();
  });

  it('are hashed anew without refusing those who sign in at the same moment', async () => {
    const { id, email, password } = await world.tenant();
    const stronger = await TestApp.start({ ...app.settings, PORT: '0', PASSWORD_PASSES: '3' });
    const tries = Array.from({ length: 10 }, () =>
      stronger.api.call('signIn', { input: { email, password } }),
    );
    const codes = (await Promise.all(tries)).map(({ code }) => code);
    await stronger.stop();
    expect(codes).toEqual(Array(10).fill(null));
    expect(await hashOf(id)).toMatch(/t=3,/);
  });

  it('as common as sunshine are refused in a change, too', async () => {
    const { token, password: currentPassword } = await world.tenant();
    const input = { currentPassword, newPassword: 'sunshine' };
    const { code, fieldErrors } = await app.api.call('changePassword', { input }, token);
    expect({ code, fieldErrors }).toMatchObject({
      code: 'INVALID_INPUT',
      fieldErrors: [{ path: 'newPassword' }],
    });
  });

  describe('at signing in: an unknown address and a wrong password', () => {
    it('get the same answer', async () => {
      const { email } = await world.tenant();
      const answer = async (address: string) => {
        const { httpStatus, headers, data, errors } = await app.api.post(
          'mutation ($input: SignInInput!) { signIn(input: $input) { status message code fieldErrors { path } data { accessToken } } }',
          { input: { email: address, password: 'not the password' } },
        );
        const { date: _, 'x-request-id': __, ...rest } = Object.fromEntries(headers);
        return { httpStatus, headers: rest, data, errors };
      };
      const [wrong, unknown] = [await answer(email), await answer(`${uniqueText()}@example.com`)];
      expect(unknown).toEqual(wrong);
      expect(wrong.data?.signIn).toMatchObject({
        status: 'UNAUTHENTICATED',
        code: 'BAD_CREDENTIALS',
        data: null,
      });
    });

    /** Median milliseconds of each kind of try, taken in turns. */
    async function medians(
      target: TestApp,
      addresses: readonly (() => string)[],
      rounds = 41,
    ): Promise<number[]> {
      const times = addresses.map((): number[] => []);
      for (let round = 0; round < rounds; round++) {
        for (const [kind, address] of addresses.entries()) {
          const input = { email: address(), password: 'not the password' };
          const began = performance.now();
          const { code } = await target.api.call('signIn', { input });
          times[kind]?.push(performance.now() - began);
          expect(code).toBe('BAD_CREDENTIALS');
        }
      }
      return times.map((all) => all.sort((a, b) => a - b)[rounds >> 1] ?? NaN);
    }

    it('take as long as each other', async () => {
      const { email } = await world.tenant();
      const [wrong = 0, unknown = 0] = await medians(app, [() => email, () => `${uniqueText()}@example.com`]);
      expect(unknown / wrong).toBeGreaterThan(0.7);
      expect(unknown / wrong).toBeLessThan(1.4);
    });

    it('take as long as each other where the stored hash is older and quicker', async () => {
      const { email } = await world.tenant();
      // Four times the work: without care, an old hash would stand out clearly.
      const slower = await TestApp.start({ ...app.settings, PORT: '0', PASSWORD_PASSES: '8' });
      const [old = 0, unknown = 0] = await medians(
        slower,
        [() => email, () => `${uniqueText()}@example.com`],
        21,
      );
      await slower.stop();
      expect(unknown / old).toBeGreaterThan(0.6);
      expect(unknown / old).toBeLessThan(1.6);
    });
  });
});
