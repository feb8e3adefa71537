// Access tokens and sessions: what is accepted, for how long, and how everything of a session ends at once, everywhere.
import { createHmac, generateKeyPairSync } from 'node:crypto';
import { JwtService } from '@nestjs/jwt';
import type { Json } from '../support/api.js';
import { TestApp } from '../support/app.js';
import { JWT_SECRET, processSettings } from '../support/settings.js';
import { eventually, Live } from '../support/live.js';
import { RoostProcess } from '../support/process.js';
import { cloneDatabase } from '../support/services.js';
import { statementsOf } from '../support/statements.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { b64, partsOf, signToken } from '../support/tokens.js';
import { type Person, World } from '../support/world.js';
import { spawnSync } from 'node:child_process';

const OTHER = 'another secret of more than thirty-two bytes';

/** Some 500 tokens that are nearly genuine. */
function forgeries(person: Person): string[] {
  const { header, payload } = partsOf(person.token);
  const [head = '', body = '', signature = ''] = person.token.split('.');
  const hmac = (algorithm: string, data: string, key: string) =>
    createHmac(algorithm, key).update(data).digest('base64url');
  const made: string[] = [];
  // One character changed, wherever it is. The last one of a part holds bits that base64url does not use.
  for (const part of [0, 1, 2]) {
    const parts = [head, body, signature];
    const text = parts[part] ?? '';
    for (let at = 0; at < text.length - 1; at++) {
      const changed = text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);
      made.push(parts.map((whole, index) => (index === part ? changed : whole)).join('.'));
      if (part === 0) made.push(person.token.slice(0, at) + person.token.slice(at + 1));
    }
  }
  for (const alg of [
    'none',
    'None',
    'NONE',
    'nOnE',
    '',
    null,
    'HS384',
    'HS512',
    'RS256',
    'ES256',
    'PS256',
    'EdDSA',
  ]) {
    const forged = `${b64({ ...header, alg })}.${body}`;
    made.push(`${forged}.`, `${forged}.${signature}`, `${forged}.${hmac('sha256', forged, '')}`, forged);
  }
  for (const algorithm of ['sha384', 'sha512', 'sha1', 'md5']) {
    made.push(`${head}.${body}.${hmac(algorithm, `${head}.${body}`, JWT_SECRET)}`);
  }
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = publicKey.export({ type: 'spki', format: 'pem' }) as string;
  made.push(
    new JwtService().sign(payload, {
      privateKey: privateKey as never,
      algorithm: 'RS256',
      keyid: header.kid as string,
    }),
  );
  for (const key of [
    '',
    'secret',
    'roost',
    OTHER,
    pem,
    JWT_SECRET.slice(0, -1),
    JWT_SECRET.toUpperCase(),
    `${JWT_SECRET} `,
  ]) {
    made.push(`${head}.${body}.${hmac('sha256', `${head}.${body}`, key)}`);
  }
  for (const issuer of ['', 'evil', 'roost ', 'Roost']) made.push(signToken(person, { issuer }));
  for (const audience of ['', 'other', 'roost', 'roost-api-2']) made.push(signToken(person, { audience }));
  for (const typ of ['JWT', 'jwt', '', null, 'rt+jwt', 'AT+JWT '])
    made.push(signToken(person, { header: { typ } }));
  for (const kid of [
    '',
    '0',
    '../../dev/null',
    "' OR 1=1 --",
    { $ne: 1 },
    ['a'],
    null,
    7,
    '__proto__',
    'constructor',
  ]) {
    made.push(signToken(person, { header: { kid } }));
  }
  for (const extra of [
    { jwk: { kty: 'oct', k: b64(OTHER) } },
    { jku: 'https://evil.example' },
    { x5u: 'https://evil.example' },
  ]) {
    made.push(signToken(person, { header: extra, key: OTHER }));
  }
  for (const claims of [
    { sub: 'x' },
    { sub: null },
    { sid: 'x' },
    { sid: undefined },
    { role: 'ADMIN' },
    { role: undefined },
    { role: ['LANDLORD'] },
  ]) {
    made.push(signToken(person, { claims }));
  }
  made.push(
    '',
    '.',
    '..',
    'null',
    `${person.token}.`,
    `.${person.token}`,
    person.refreshToken,
    b64(payload),
    `${head}.${body}`,
  );
  return made;
}

describe('access tokens', () => {
  let app: TestApp;
  let world: World;

  beforeAll(async () => {
    app = await TestApp.start({
      JWT_PREVIOUS_SECRETS: `${OTHER},a third secret of more than thirty-two bytes`,
    });
    world = new World(app);
  });

  afterAll(() => app.stop());

  it('says what it is: algorithm, kind, key, issuer, audience, and when it ends', async () => {
    const { header, payload } = partsOf((await world.tenant()).token);
    expect(header).toEqual({ alg: 'HS256', typ: 'at+jwt', kid: expect.stringMatching(/^[\w-]{11}$/) });
    expect(payload).toMatchObject({ iss: 'roost', aud: 'roost-api' });
    expect((payload.exp as number) - Date.now() / 1000).toBeCloseTo(900, -1);
  });

  it('none of 500 forgeries is accepted, for requests or sockets', async () => {
    const person = await world.landlord();
    expect((await app.api.call('verifyUser', {}, signToken(person))).code).toBeNull();
    const all = forgeries(person);
    expect(new Set(all).size).toBeGreaterThanOrEqual(500);
    for (const token of all) {
      const { status, data } = await app.api.call('verifyUser', {}, token);
      expect({ token, status, data }).toEqual({ token, status: 'UNAUTHENTICATED', data: null });
    }
    for (const token of all.slice(0, 40))
      await expect(Live.connect(app.url, token)).rejects.toThrow('UNAUTHENTICATED');
  });

  it('an expired one is refused as such', async () => {
    const person = await world.landlord();
    expect((await app.api.call('verifyUser', {}, signToken(person, { expiresIn: -1 }))).code).toBe(
      'SESSION_EXPIRED',
    );
  });

  it('outlives a change of the secret by way of the previous ones, and not without', async () => {
    const before = await TestApp.start({
      DATABASE_URL: app.settings.DATABASE_URL as string,
      JWT_SECRET: OTHER,
    });
    const person = await new World(before).tenant();
    await before.stop();
    expect(partsOf(person.token).header.kid).not.toBe(partsOf((await world.tenant()).token).header.kid);
    expect((await app.api.call('verifyUser', {}, person.token)).data).toMatchObject({ id: person.id });
    const renewed = await app.api.must(
      'refreshSession',
      { refreshToken: person.refreshToken },
      undefined,
      '{ accessToken }',
    );
    const after = await TestApp.start({ DATABASE_URL: app.settings.DATABASE_URL as string });
    try {
      expect((await after.api.call('verifyUser', {}, person.token)).code).toBe('NOT_SIGNED_IN');
      expect((await after.api.call('verifyUser', {}, renewed.accessToken)).code).toBeNull();
    } finally {
      await after.stop();
    }
  });

  it('is checked without a look into the database', async () => {
    const { token } = await world.tenant();
    const sent = await statementsOf(() => app.api.must('getCities', { first: 1 }, token));
    const withoutToken = await statementsOf(() => app.api.must('getCities', { first: 1 }));
    expect(sent.length).toBe(withoutToken.length);
  });
});

describe('the end of a session', () => {
  let a: RoostProcess;
  let b: RoostProcess;
  let proxy: TcpProxy;
  let settings: Record<string, string>;

  beforeAll(async () => {
    settings = processSettings(await cloneDatabase(), { SESSION_WATCH_MS: '400' });
    const away = await TcpProxy.for(settings.REDIS_URL as string);
    proxy = away.proxy;
    // Both reach Redis by way of the proxy, so that it can be taken from them.
    settings = { ...settings, REDIS_URL: away.address };
    [a, b] = await Promise.all([RoostProcess.start(settings), RoostProcess.start(settings)]);
  });

  afterAll(async () => {
    await Promise.all([a.end(), b.end()]);
    await proxy.cut();
  });

  const signIn = ({ email, password }: Person): Promise<Json> =>
    a.api.must('signIn', { input: { email, password } }, undefined, '{ accessToken refreshToken }');

  async function expectEnded(
    sessions: { accessToken: string; refreshToken: string }[],
    sockets: Live[],
  ): Promise<void> {
    await eventually(
      async () => {
        for (const { accessToken } of sessions) {
          for (const { api } of [a, b]) {
            if ((await api.call('verifyUser', {}, accessToken)).code !== 'SESSION_EXPIRED') return false;
          }
        }
        return sockets.every((socket) => socket.has('session_expired') && socket.has('disconnect'));
      },
      'tokens and sockets to end on both instances',
      1000,
    );
    for (const { refreshToken } of sessions) {
      expect((await b.api.call('refreshSession', { refreshToken })).code).toBe('SESSION_EXPIRED');
    }
  }

  interface Way {
    /** Ends them; answers a session that goes on, if any. */
    end: (person: Person, sessions: Json[]) => Promise<string | null>;
  }
  const accounts = (...args: string[]) =>
    spawnSync(process.execPath, ['dist/src/accounts.js', ...args], {
      env: { PATH: process.env.PATH, ...settings },
      encoding: 'utf8',
    });

  const WAYS: [string, Way][] = [
    [
      'signOutEverywhere',
      { end: async (_, [first]) => a.api.must('signOutEverywhere', {}, first.accessToken).then(() => null) },
    ],
    [
      'changePassword',
      {
        end: async ({ password, email }, [first]) => {
          const input = { currentPassword: password, newPassword: 'quite another sentence' };
          const fresh = await a.api.must('changePassword', { input }, first.accessToken, '{ accessToken }');
          expect((await b.api.call('signIn', { input: { email, password } })).code).toBe('BAD_CREDENTIALS');
          expect(
            (await b.api.call('signIn', { input: { email, password: input.newPassword } })).code,
          ).toBeNull();
          return fresh.accessToken as string;
        },
      },
    ],
    [
      'disabling the account',
      {
        end: async ({ email, password }) => {
          const { stdout, stderr, status } = accounts('disable', email);
          expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
          expect(stdout).toContain('is disabled');
          expect((await b.api.call('signIn', { input: { email, password } })).code).toBe('BAD_CREDENTIALS');
          return null;
        },
      },
    ],
  ];

  it.each(WAYS)(
    '%s ends every session of the user within a second, on every instance',
    async (_, { end }) => {
      const world = new World({ api: a.api } as TestApp);
      const [person, bystander] = [await world.tenant(), await world.tenant()];
      const sessions = [
        await signIn(person),
        await signIn(person),
        { accessToken: person.token, refreshToken: person.refreshToken },
      ];
      const sockets = await Promise.all([
        Live.connect(a.url, sessions[0]?.accessToken),
        Live.connect(b.url, sessions[1]?.accessToken),
      ]);
      const other = await Live.connect(b.url, bystander.token);
      const goesOn = await end(person, sessions);
      await expectEnded(sessions, sockets);
      if (goesOn !== null) expect((await b.api.call('verifyUser', {}, goesOn)).code).toBeNull();
      expect((await b.api.call('verifyUser', {}, bystander.token)).code).toBeNull();
      expect(other.has('disconnect')).toBe(false);
      other.close();
    },
  );

  it('signOut ends one session within a second, on every instance, with Redis away too', async () => {
    const world = new World({ api: a.api } as TestApp);
    const person = await world.tenant();
    const kept = await signIn(person);
    const socket = await Live.connect(b.url, person.token);
    await proxy.cut();
    try {
      await a.api.must('signOut', { refreshToken: person.refreshToken });
      await expectEnded([{ accessToken: person.token, refreshToken: person.refreshToken }], [socket]);
      expect((await b.api.call('verifyUser', {}, kept.accessToken)).code).toBeNull();
    } finally {
      await proxy.heal();
    }
  });

  it('a disabled account comes back when it is enabled, and only an operator does either', async () => {
    const world = new World({ api: a.api } as TestApp);
    const { id, email, password } = await world.tenant();
    expect(accounts('disable', id).status).toBe(0);
    expect((await a.api.call('signIn', { input: { email, password } })).code).toBe('BAD_CREDENTIALS');
    expect(accounts('enable', id).stdout).toContain('may sign in again');
    expect((await a.api.call('signIn', { input: { email, password } })).code).toBeNull();
    expect(accounts('disable', 'nobody@example.com')).toMatchObject({
      status: 1,
      stderr: 'Nobody signed up with this e-mail address.\n',
    });
    expect(accounts('disable')).toMatchObject({ status: 1, stderr: expect.stringMatching(/^Usage: /) });
  });

  it('changePassword wants the current password, and one that is long enough', async () => {
    const world = new World({ api: a.api } as TestApp);
    const { token, password } = await world.tenant();
    const change = (currentPassword: string, newPassword: string) =>
      a.api.call('changePassword', { input: { currentPassword, newPassword } }, token, '{ accessToken }');
    expect((await change('not it', 'quite another sentence')).code).toBe('BAD_CREDENTIALS');
    expect(await change(password, '1234567')).toMatchObject({
      code: 'INVALID_INPUT',
      fieldErrors: [{ path: 'newPassword' }],
    });
    expect((await a.api.call('verifyUser', {}, token)).code).toBeNull();
  });

  it('of 50 sign-ins that race with a change of the password, none that used the old one goes on', async () => {
    const world = new World({ api: a.api } as TestApp);
    const { email, password, token } = await world.tenant();
    const input = { currentPassword: password, newPassword: 'quite another sentence' };
    const [changed, ...raced] = await Promise.all([
      a.api.call('changePassword', { input }, token, '{ accessToken }'),
      ...Array.from({ length: 50 }, (_, n) =>
        (n % 2 ? a : b).api.call('signIn', { input: { email, password } }, undefined, '{ accessToken }'),
      ),
    ]);
    expect(changed.code).toBeNull();
    const opened = raced.filter(({ code }) => code === null).map(({ data }) => data.accessToken as string);
    await eventually(
      async () => {
        for (const accessToken of opened) {
          if ((await b.api.call('verifyUser', {}, accessToken)).code !== 'SESSION_EXPIRED') return false;
        }
        return true;
      },
      'every session of the old password to end',
      2000,
    );
    expect((await b.api.call('verifyUser', {}, changed.data.accessToken)).code).toBeNull();
  });
});
