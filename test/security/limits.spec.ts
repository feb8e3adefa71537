// How often is too often: counted for all instances together, without locking an owner out, and with Redis away too.
import { Redis } from 'ioredis';
import type { Json } from '../support/api.js';
import { post } from '../../scripts/graphql-client.js';
import { TestApp } from '../support/app.js';
import { cloneDatabase, uniqueName } from '../support/services.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { type Person, uniqueText, World } from '../support/world.js';

const SIGN_IN = 'mutation ($input: SignInInput!) { signIn(input: $input) { status code message } }';

/** One call as a proxy would pass it on for a client at this address. */
async function from(
  address: string,
  { url }: TestApp,
  query: string,
  variables: object,
  token?: string,
): Promise<{ reply: Json; retryAfter: string | null }> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-forwarded-for': address,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query, variables }),
  });
  const { data } = (await response.json()) as { data: Record<string, Json> };
  return { reply: Object.values(data)[0], retryAfter: response.headers.get('retry-after') };
}

describe('limits', () => {
  let a: TestApp;
  let b: TestApp;
  let spoofable: TestApp;
  let world: World;
  let next = 0;
  /** An address that nobody used before. */
  const address = () => `203.0.${Math.floor(++next / 250)}.${next % 250}`;

  const limits = {
    RATE_LIMITS: 'on',
    LIMIT_SIGN_IN: '5/900',
    LIMIT_SIGN_IN_ACCOUNT: '12/900',
    LIMIT_SIGN_IN_ADDRESS: '30/900',
    LIMIT_SIGN_UP_ADDRESS: '4/900',
    LIMIT_OPERATIONS_USER: '20/60',
    LIMIT_OPERATIONS_ADDRESS: '40/60',
  };

  beforeAll(async () => {
    const shared = {
      ...limits,
      DATABASE_URL: await cloneDatabase(),
      REDIS_PREFIX: uniqueName(),
      TRUSTED_PROXIES: '127.0.0.1',
    };
    [a, b, spoofable] = await Promise.all([
      TestApp.start(shared),
      TestApp.start(shared),
      TestApp.start({ ...limits, DATABASE_URL: shared.DATABASE_URL }),
    ]);
    const maker = await TestApp.start({ DATABASE_URL: shared.DATABASE_URL });
    world = new World(maker);
  });

  afterAll(async () => {
    await Promise.all([a.stop(), b.stop(), spoofable.stop(), world.app.stop()]);
  });

  const tryIn = async (app: TestApp, where: string, email: string, password = 'wrong password') =>
    from(where, app, SIGN_IN, { input: { email, password } });
  const codes = async (
    times: number,
    call: (n: number) => Promise<{ reply: Json }>,
  ): Promise<(string | null)[]> => {
    const found: (string | null)[] = [];
    for (let n = 0; n < times; n++) found.push((await call(n)).reply.code as string | null);
    return found;
  };
  const times = (count: number, code: string | null) => Array.from({ length: count }, () => code);

  it('of one account from one address, over both instances together; the answer says how long to wait', async () => {
    const { email, password } = await world.tenant();
    const where = address();
    const tries = await codes(7, (n) => tryIn(n % 2 ? a : b, where, email));
    expect(tries).toEqual([...times(5, 'BAD_CREDENTIALS'), ...times(2, 'RATE_LIMITED')]);
    const { reply, retryAfter } = await tryIn(a, where, email, password);
    expect(reply).toMatchObject({
      status: 'TOO_MANY_REQUESTS',
      code: 'RATE_LIMITED',
      message: expect.stringMatching(/wait \d+ s/),
    });
    expect(Number(retryAfter)).toBeGreaterThan(800);
    expect(Number(retryAfter)).toBeLessThanOrEqual(900);
  });

  it('of an unknown account just the same', async () => {
    const where = address();
    const email = `${uniqueText()}@example.com`;
    expect(await codes(6, () => tryIn(a, where, email))).toEqual([
      ...times(5, 'BAD_CREDENTIALS'),
      'RATE_LIMITED',
    ]);
  });

  it('100 aliased sign-ins count as 100 tries', async () => {
    const one = await TestApp.start({
      ...limits,
      GRAPHQL_MAX_ALIASES: '200',
      DATABASE_URL: a.settings.DATABASE_URL as string,
    });
    const { email } = await world.tenant();
    const aliases = Array.from({ length: 100 }, (_, n) => `a${n}: signIn(input: $input) { code }`);
    const { data } = await post(
      `${one.url}/graphql`,
      `mutation ($input: SignInInput!) { ${aliases.join(' ')} }`,
      {
        input: { email, password: 'wrong password' },
      },
    );
    await one.stop();
    const found = Object.values(data as Record<string, { code: string }>).map(({ code }) => code);
    expect(found).toEqual([...times(5, 'BAD_CREDENTIALS'), ...times(95, 'RATE_LIMITED')]);
  });

  it('50 tries at once are counted as 50', async () => {
    const { email } = await world.tenant();
    const where = address();
    // The address's own limit of 30 comes first for the last twenty.
    const replies = await Promise.all(
      Array.from({ length: 50 }, (_, n) => tryIn(n % 2 ? a : b, where, email)),
    );
    expect(replies.filter(({ reply }) => reply.code === 'BAD_CREDENTIALS')).toHaveLength(5);
  });

  it('strangers from everywhere are stopped, and the owner still gets in', async () => {
    const { email, password } = await world.tenant();
    const home = address();
    expect((await tryIn(a, home, email, password)).reply.code).toBeNull();
    const tries = await codes(20, (n) => tryIn(n % 2 ? a : b, address(), email));
    // The owner's own first try was the account's first of twelve.
    expect(tries).toEqual([...times(11, 'BAD_CREDENTIALS'), ...times(9, 'RATE_LIMITED')]);
    expect((await tryIn(b, home, email, password)).reply.code).toBeNull();
    // A mistake or two at home cost nothing, once it goes well.
    expect(await codes(3, () => tryIn(a, home, email))).toEqual(times(3, 'BAD_CREDENTIALS'));
    expect((await tryIn(a, home, email, password)).reply.code).toBeNull();
    expect(await codes(5, () => tryIn(a, home, email))).toEqual(times(5, 'BAD_CREDENTIALS'));
  });

  it('of one address over many accounts; a whole IPv6 network counts as one', async () => {
    const where = address();
    const tries = await codes(32, () => tryIn(a, where, `${uniqueText()}@example.com`));
    expect(tries).toEqual([...times(30, 'BAD_CREDENTIALS'), ...times(2, 'RATE_LIMITED')]);
    const six = await codes(31, (n) => tryIn(b, `2001:db8:1:2::${n + 1}`, `${uniqueText()}@example.com`));
    expect(six.at(-1)).toBe('RATE_LIMITED');
    expect((await tryIn(b, '2001:db8:1:3::1', `${uniqueText()}@example.com`)).reply.code).toBe(
      'BAD_CREDENTIALS',
    );
  });

  it('of sign-ups from one address', async () => {
    const where = address();
    const query = 'mutation ($input: SignUpInput!) { signUp(input: $input) { code } }';
    const tries = await codes(6, () =>
      from(where, a, query, {
        input: {
          email: `${uniqueText()}@example.com`,
          password: 'long enough a word',
          role: 'TENANT',
          displayName: 'x',
        },
      }),
    );
    expect(tries).toEqual([...times(4, null), ...times(2, 'RATE_LIMITED')]);
  });

  it('of the current password in changePassword', async () => {
    const { token } = await world.tenant();
    const where = address();
    const query = 'mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { code } }';
    const tries = await codes(7, () =>
      from(
        where,
        a,
        query,
        { input: { currentPassword: 'guess', newPassword: 'long enough a word' } },
        token,
      ),
    );
    expect(tries).toEqual([...times(5, 'BAD_CREDENTIALS'), ...times(2, 'RATE_LIMITED')]);
  });

  it('of other operations, for each user and each address; others go on', async () => {
    const [person, bystander] = [await world.tenant(), await world.tenant()];
    const me = '{ verifyUser { code } }';
    const own = await codes(22, () => from(address(), a, me, {}, person.token));
    expect(own).toEqual([...times(20, null), ...times(2, 'RATE_LIMITED')]);
    expect((await from(address(), a, me, {}, bystander.token)).reply.code).toBeNull();
    const where = address();
    const cities = await codes(42, () => from(where, a, '{ getCities { code } }', {}));
    expect(cities).toEqual([...times(40, null), ...times(2, 'RATE_LIMITED')]);
    const { retryAfter } = await from(where, a, '{ getCities { code } }', {});
    expect(Number(retryAfter)).toBeGreaterThan(0);
    expect(Number(retryAfter)).toBeLessThanOrEqual(60);
    expect((await from(address(), a, '{ getCities { code } }', {})).reply.code).toBeNull();
  });

  it('cannot be evaded by a made-up X-Forwarded-For where no proxy is trusted', async () => {
    const { email } = await world.tenant();
    const tries = await codes(7, () => tryIn(spoofable, address(), email));
    expect(tries).toEqual([...times(5, 'BAD_CREDENTIALS'), ...times(2, 'RATE_LIMITED')]);
  });

  it('nor by one before that of a trusted proxy', async () => {
    const { email } = await world.tenant();
    const real = address();
    const tries = await codes(7, () => tryIn(a, `${address()}, ${real}`, email));
    expect(tries).toEqual([...times(5, 'BAD_CREDENTIALS'), ...times(2, 'RATE_LIMITED')]);
  });

  it('end by themselves', async () => {
    const short = await TestApp.start({
      ...limits,
      LIMIT_SIGN_IN: '2/1',
      DATABASE_URL: a.settings.DATABASE_URL as string,
    });
    const { email, password } = await world.tenant();
    expect(await codes(3, () => tryIn(short, '', email))).toEqual([
      ...times(2, 'BAD_CREDENTIALS'),
      'RATE_LIMITED',
    ]);
    await new Promise((resolve) => setTimeout(resolve, 1100));
    expect((await tryIn(short, '', email, password)).reply.code).toBeNull();
    await short.stop();
  });

  it('with Redis away are counted by each process, and requests go on', async () => {
    const { proxy, address: redisUrl } = await TcpProxy.for(a.settings.REDIS_URL as string);
    const alone = await TestApp.start({
      ...limits,
      REDIS_URL: redisUrl,
      DATABASE_URL: a.settings.DATABASE_URL as string,
    });
    const people: Person[] = [await world.tenant(), await world.tenant()];
    await proxy.cut();
    try {
      const [guessed, owner] = people as [Person, Person];
      const tries = await codes(7, () => tryIn(alone, '', guessed.email));
      expect(tries).toEqual([...times(5, 'BAD_CREDENTIALS'), ...times(2, 'RATE_LIMITED')]);
      expect((await tryIn(alone, '', owner.email, owner.password)).reply.code).toBeNull();
    } finally {
      await proxy.heal();
      await alone.stop();
      await proxy.cut();
    }
  });

  it('leave no address in Redis, neither of mail nor of machines', async () => {
    const redis = new Redis(a.settings.REDIS_URL as string);
    const keys = await redis.keys(`${a.settings.REDIS_PREFIX}:*`);
    redis.disconnect();
    expect(keys.filter((key) => key.includes(':limit:')).length).toBeGreaterThan(10);
    expect(keys.join(' ')).not.toMatch(/@|203\.0|2001:db8/);
  });

  it('refuse settings that are none, by name', async () => {
    await expect(TestApp.start({ LIMIT_SIGN_IN: 'often' })).rejects.toThrow(
      /LIMIT_SIGN_IN must be a number of times/,
    );
  });
});
