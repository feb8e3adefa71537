// The log of a whole run: structured, with request ids, failed sign-ins and refusals, and nothing that is private.
import pg from 'pg';
import { post } from '../../scripts/graphql-client.js';
import type { Json } from '../support/api.js';
import type { TestApp } from '../support/app.js';
import { Live } from '../support/live.js';
import { RoostProcess } from '../support/process.js';
import { cloneDatabase } from '../support/services.js';
import { processSettings } from '../support/settings.js';
import { inDays, World } from '../support/world.js';

describe('the log', () => {
  let roost: RoostProcess;
  let lines: Json[];
  const planted = {
    password: 'planted-password-eichhorn',
    wrongPassword: 'planted-wrong-password-eichhorn',
    email: 'planted.eichhorn@example.com',
    phone: '+4915112345678',
    address: 'Planted Street 17',
    note: 'planted note eichhorn',
  };
  const secrets: string[] = Object.values(planted);
  let faultId = '';

  beforeAll(async () => {
    const databaseUrl = await cloneDatabase();
    roost = await RoostProcess.start(
      processSettings(databaseUrl, { NODE_ENV: 'production', LOG_LEVEL: 'trace' }),
    );
    const { api } = roost;
    const world = new World({ api } as TestApp);
    const { email, password, phone, address, note } = planted;
    const input = { email, password, role: 'TENANT', displayName: 'x' };
    const session = await api.must(
      'signUp',
      { input },
      undefined,
      '{ accessToken refreshToken user { id } }',
    );
    const landlord = await world.landlord();
    secrets.push(
      session.accessToken,
      session.refreshToken,
      landlord.token,
      landlord.refreshToken,
      landlord.email,
      landlord.password,
    );
    const token = session.accessToken as string;
    await api.call('signIn', { input: { email, password: planted.wrongPassword } });
    await api.call('signIn', { input: { email: `${email} nonsense`, password } });
    await api.must('createProfile', { input: { fullName: 'x', phone } }, token);
    await api.call('updateProfile', { input: { phone: `${phone}x` } }, token);
    const place = await world.place(landlord, { address });
    await api.must(
      'createPendingBooking',
      { input: { placeId: place.id, checkIn: inDays(3), checkOut: inDays(4), guests: 1, note } },
      token,
    );
    await api.call('getBooking', { id: place.id }, token);
    await post(
      `${roost.url}/graphql`,
      `mutation { signIn(input: { email: "${email}", password: "${password}" `,
    );
    await post(`${roost.url}/graphql`, 'mutation ($input: SignInInput!) { signIn(input: $input) { code } }', {
      input: { email, pasword: password },
    });
    await api.call('verifyUser', {}, `${token}x`);
    const live = await Live.connect(roost.url, landlord.token);
    await live.receive(1);
    live.close();
    await Live.connect(roost.url, `${token}x`).catch(() => undefined);
    await fetch(`${roost.url}/graphql?token=${token}`, { headers: { authorization: `Bearer ${token}` } });
    // A fault: something that the code relies on is gone, in the middle of a statement that holds private values.
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    await client.query('ALTER TABLE profile RENAME COLUMN bio TO biography');
    await client.end();
    const { code, message } = await api.call('updateProfile', { input: { phone, bio: note } }, token);
    expect(code).toBe('INTERNAL');
    expect(message).not.toMatch(/column|bio|sql/i);
    faultId = /request ([\w-]+)/.exec(message)?.[1] ?? '';
    await roost.end();
    lines = roost.output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  });

  afterAll(() => roost.end());

  it('is one JSON object a line, with level and time', () => {
    expect(lines.length).toBeGreaterThan(10);
    for (const line of lines)
      expect(line).toMatchObject({
        level: expect.any(Number),
        time: expect.any(Number),
        msg: expect.any(String),
      });
  });

  it('tells the rest of an INTERNAL answer under the id that the answer names', () => {
    const fault = lines.find(({ requestId, level }) => requestId === faultId && level === 50);
    expect(fault.err.stack).toContain('bio');
    expect(fault.msg).toBe('Unexpected fault.');
  });

  it('records failed sign-ins and refusals: which operation, why, by whom, and from where', () => {
    const refused = lines.filter(({ msg }) => msg === 'Refused.');
    const who = { requestId: expect.any(String), address: '127.0.0.1' };
    expect(refused).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ ...who, operation: 'signIn', code: 'BAD_CREDENTIALS' }),
        expect.objectContaining({ ...who, operation: 'signIn', code: 'INVALID_INPUT', fields: ['email'] }),
        expect.objectContaining({
          ...who,
          operation: 'updateProfile',
          code: 'INVALID_INPUT',
          fields: ['phone'],
          userId: expect.any(String),
        }),
        expect.objectContaining({ ...who, operation: 'getBooking', code: 'UNKNOWN_BOOKING' }),
        expect.objectContaining({ ...who, operation: 'verifyUser', code: 'NOT_SIGNED_IN' }),
      ]),
    );
  });

  it('holds no password, token or personal data, at the most talkative level', () => {
    for (const secret of secrets)
      expect({ secret, found: roost.output.includes(secret) }).toEqual({ secret, found: false });
  });
});
