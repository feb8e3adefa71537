// Personal data at rest: not to be found in a copy of the stores, nor in the log, and bound to its row and column.
import { Redis } from 'ioredis';
import pg from 'pg';
import type { Json } from '../support/api.js';
import type { TestApp } from '../support/app.js';
import { KEYS } from '../support/keys.js';
import { type Dump, dumpFiles, dumpRedis, dumpTables, placesOf } from '../support/dump.js';
import { eventually, Live } from '../support/live.js';
import { RoostProcess } from '../support/process.js';
import { processSettings } from '../support/settings.js';
import { administer, cloneDatabase, services, uniqueName } from '../support/services.js';
import { inDays, type Person, uniqueText, World } from '../support/world.js';

const PASSWORD = 'correct horse battery';

describe('personal data', () => {
  const since = new Date();
  const mark = uniqueText('planted');
  const planted = {
    landlordEmail: `Landlord.${mark}@Example.com`,
    tenantEmail: `tenant.${mark}@example.com`,
    unknownEmail: `unknown.${mark}@example.com`,
    phone: `+849${String(Date.now()).slice(-8)}1`,
    newPhone: `+849${String(Date.now()).slice(-8)}2`,
    address: `77 ${mark} Street, Đà Nẵng`,
    newAddress: `78 ${mark} Street`,
  };
  const title = `Title of ${mark}`;

  let url: string;
  let roost: RoostProcess;
  let sql: pg.Pool;
  let landlord: Person;
  let tenant: Person;
  let places: Json[];
  let commands = '';
  let redis: Redis;
  let monitor: Redis;

  beforeAll(async () => {
    url = await cloneDatabase();
    sql = new pg.Pool({ connectionString: url, max: 2 });
    redis = new Redis(services().redisUrl);
    monitor = await redis.monitor();
    monitor.on('monitor', (_time: string, args: string[]) => (commands += `${args.join(' ')}\n`));
    roost = await RoostProcess.start(processSettings(url, { LOG_LEVEL: 'trace' }));
    await live();
  }, 60_000);

  afterAll(async () => {
    monitor.disconnect();
    redis.disconnect();
    await roost.end();
    await sql.end();
  });

  const asIfApp = () => new World({ api: roost.api } as TestApp);

  async function signUp(email: string, role: Person['role']): Promise<Person> {
    const input = { email, password: PASSWORD, role, displayName: `Name of ${mark}` };
    const fields = '{ accessToken refreshToken user { id email } }';
    const { accessToken, refreshToken, user } = await roost.api.must('signUp', { input }, undefined, fields);
    expect(user.email).toBe(email);
    return { id: user.id, token: accessToken, refreshToken, email, password: PASSWORD, role };
  }

  /** A life of which all the stores hear: people, places, bookings, notifications, refusals and mistakes. */
  async function live(): Promise<void> {
    const world = asIfApp();
    landlord = await signUp(planted.landlordEmail, 'LANDLORD');
    tenant = await signUp(planted.tenantEmail, 'TENANT');
    for (const email of [planted.landlordEmail.toUpperCase(), planted.unknownEmail]) {
      await roost.api.call('signIn', { input: { email, password: 'wrong' } });
      const again = { email, password: 'password', role: 'TENANT', displayName: 'x' };
      await roost.api.call('signUp', { input: again });
    }
    const again = {
      email: planted.landlordEmail.toLowerCase(),
      password: PASSWORD,
      role: 'TENANT',
      displayName: 'x',
    };
    expect((await roost.api.call('signUp', { input: again })).code).toBe('EMAIL_TAKEN');
    const fullName = `Name of ${mark}`;
    for (const { token } of [landlord, tenant]) {
      await roost.api.must('createProfile', { input: { fullName, phone: planted.phone } }, token);
      await roost.api.must('updateProfile', { input: { phone: planted.newPhone } }, token);
    }
    places = await world.places(landlord, { title, address: planted.address, copies: 3 });
    const change = { id: places[0].id, address: planted.newAddress, copies: 5 };
    places = await roost.api.must('updatePlace', { input: change }, landlord.token, '{ id address }');
    await roost.api.call('updatePlace', { input: { ...change, copies: 1 } }, landlord.token);
    await roost.api
      .call('createPlace', { input: { ...change, title: '' } }, landlord.token)
      .catch(() => null);
    const socket = await Live.connect(roost.url, tenant.token);
    const { id } = await world.ask(tenant, places[0].id, inDays(0), inDays(2), { note: 'hello' });
    await world.activate(landlord, id);
    await roost.api.must('completeActiveBooking', { id }, landlord.token);
    await roost.api.must('createReview', { input: { bookingId: id, rating: 5, comment: 'x' } }, tenant.token);
    await socket.receive(2);
    socket.close();
  }

  it('is read as it was written, by those who may', async () => {
    const own = '{ email profile { phone } }';
    const of = (person: Person) => roost.api.must('verifyUser', {}, person.token, own);
    expect(await of(landlord)).toEqual({
      email: planted.landlordEmail,
      profile: { phone: planted.newPhone },
    });
    expect(await of(tenant)).toEqual({ email: planted.tenantEmail, profile: { phone: planted.newPhone } });
    expect(places.map(({ address }) => address)).toEqual(Array(3).fill(planted.newAddress));
    const seen = await roost.api.must('getPlace', { id: places[0].id }, tenant.token, '{ address }');
    expect(seen.address).toBe(planted.newAddress);
    const [copy] = await roost.api.must(
      'updatePlace',
      { input: { id: places[0].id, copies: 6 } },
      landlord.token,
      '{ address copyNumber }',
    );
    expect(copy).toEqual({ address: planted.newAddress, copyNumber: 6 });
    const input = { email: planted.landlordEmail.toUpperCase(), password: PASSWORD };
    expect((await roost.api.call('signIn', { input })).code).toBeNull();
  });

  it('is nowhere in PostgreSQL, Redis, the queue and the log; what is public is where it belongs', async () => {
    // The landlord is away: the queue holds a job for them.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const stores: Record<string, Dump> = {
      tables: await dumpTables(sql),
      files: await dumpFiles(sql, since),
      redis: await dumpRedis(),
      commands: new Map([['commands sent to Redis', Buffer.from(commands)]]),
      log: new Map([['the log', Buffer.from(roost.output)]]),
    };
    // The search finds what is there.
    for (const name of ['tables', 'files'] as const)
      expect(placesOf(title, stores[name] as Dump)).not.toEqual([]);
    for (const name of ['tables', 'redis', 'commands'] as const) {
      expect(placesOf(landlord.id, stores[name] as Dump)).not.toEqual([]);
    }
    const keys = placesOf(landlord.id, stores.redis as Dump).filter((name) => name.startsWith('key '));
    expect(keys).toEqual(expect.arrayContaining([expect.stringContaining('delivery')]));
    expect(roost.output.length).toBeGreaterThan(500);
    const found = Object.entries(planted).flatMap(([what, text]) =>
      Object.values(stores).flatMap((dump) => placesOf(text, dump).map((place) => `${what} in ${place}`)),
    );
    expect(found).toEqual([]);
  });

  describe('that was tampered with', () => {
    const EMAIL = '{ verifyUser { code data { id email } } }';
    const addressQuery = (id: string) => `{ getPlace(id: "${id}") { code data { title address } } }`;

    async function sealedOf(table: string, column: string, id: string): Promise<Buffer> {
      const { rows } = await sql.query<{ sealed: Buffer }>(
        `SELECT ${column} AS sealed FROM ${table} WHERE id = $1`,
        [id],
      );
      return (rows[0] as { sealed: Buffer }).sealed;
    }

    /** Stores other bytes for a moment. */
    async function withBytes(
      table: string,
      column: string,
      id: string,
      bytes: Buffer,
      work: () => Promise<void>,
    ): Promise<void> {
      const before = await sealedOf(table, column, id);
      const store = (sealed: Buffer) =>
        sql.query(`UPDATE ${table} SET ${column} = $2 WHERE id = $1`, [id, sealed]);
      await store(bytes);
      await work();
      await store(before);
    }

    async function expectFault(query: string, token: string): Promise<void> {
      const { data, errors = [] } = await roost.api.post(query, {}, token);
      expect(errors).toMatchObject([{ extensions: { code: 'INTERNAL' } }]);
      const requestId = /request (\S+) to us/.exec(errors[0]?.message ?? '')?.[1] ?? 'none';
      expect(Object.values(data ?? {})).toMatchObject([{ code: null, data: expect.anything() }]);
      expect(JSON.stringify(data)).toMatch(/"(email|address)":null/);
      await eventually(
        () =>
          Promise.resolve(
            roost.output
              .split('\n')
              .some((line) => line.includes(requestId) && line.includes('What is stored in')),
          ),
        'the fault in the log, under the id of its request',
      );
    }

    it('by moving it to another row is a fault, never shown', async () => {
      const others = await sealedOf('users', 'email_sealed', tenant.id);
      await withBytes('users', 'email_sealed', landlord.id, others, () => expectFault(EMAIL, landlord.token));
      const address = await sealedOf('place', 'address_sealed', places[1].id);
      await withBytes('place', 'address_sealed', places[0].id, address, () =>
        expectFault(addressQuery(places[0].id), landlord.token),
      );
      expect((await roost.api.must('verifyUser', {}, landlord.token, '{ email }')).email).toBe(
        planted.landlordEmail,
      );
    });

    it('by moving it to another column is a fault', async () => {
      const email = await sealedOf('users', 'email_sealed', landlord.id);
      await withBytes('place', 'address_sealed', places[0].id, email, () =>
        expectFault(addressQuery(places[0].id), landlord.token),
      );
    });

    it('by changing a bit, or writing plain text, is a fault', async () => {
      const changed = Buffer.from(await sealedOf('users', 'email_sealed', landlord.id));
      changed.writeUInt8(changed.readUInt8(20) ^ 1, 20);
      for (const bytes of [changed, Buffer.from('evil@example.com'), Buffer.alloc(0)]) {
        await withBytes('users', 'email_sealed', landlord.id, bytes, () =>
          expectFault(EMAIL, landlord.token),
        );
      }
    });

    it('is not even opened for those who may not see it', async () => {
      await withBytes('place', 'address_sealed', places[0].id, Buffer.from('evil'), async () => {
        const { data, errors } = await roost.api.post(addressQuery(places[0].id));
        expect(errors).toBeUndefined();
        expect(data).toEqual({ getPlace: { code: null, data: { title, address: null } } });
      });
    });
  });
});

describe('keys that are not those of the database', () => {
  const other = (name: string) => `${name}:${Buffer.alloc(32, 9).toString('base64')}`;
  const input = { email: 'a@example.com', password: PASSWORD, role: 'TENANT', displayName: 'x' };
  let url: string;

  beforeAll(async () => {
    url = await cloneDatabase();
    const roost = await RoostProcess.start(processSettings(url));
    await roost.api.must('signUp', { input });
    expect(await roost.end()).toBe(0);
  });

  it.each([
    [
      'another key under the same id',
      { DATA_KEYS: other('k1') },
      'DATA_KEYS has another key under the id k1',
    ],
    ['a missing key', { DATA_KEYS: KEYS.data[1] }, 'DATA_KEYS lacks the key k1'],
    ['another index', { EMAIL_INDEX_KEYS: other('i1') }, 'EMAIL_INDEX_KEYS has another key under the id i1'],
    ['a missing index', { EMAIL_INDEX_KEYS: other('i2') }, 'EMAIL_INDEX_KEYS lacks the key i1'],
  ])('keep the server from starting, in plain words: %s', async (_, overrides, words) => {
    const roost = RoostProcess.spawn({ PORT: '0', ...processSettings(url, overrides) });
    expect(await roost.exited()).toBe(1);
    expect(roost.output).toContain('Roost cannot start with these settings:');
    expect(roost.output).toContain(words);
    expect(roost.output).not.toMatch(/^\s+at /m);
  });

  it('write nothing, where the database could not tell at the start', async () => {
    const name = uniqueName();
    await administer(`CREATE DATABASE ${name}`);
    const empty = `${services().postgresUrl}${name}`;
    const wrong = await RoostProcess.start(processSettings(empty, { DATA_KEYS: other('k1') }));
    await administer(`DROP DATABASE ${name} WITH (FORCE)`);
    await cloneDatabase(name);
    const right = await RoostProcess.start(processSettings(empty));
    const refused = await wrong.api.call('signUp', { input });
    expect(refused).toMatchObject({ status: 'INTERNAL', data: null });
    expect(refused.message).not.toContain('DATA_KEYS');
    // The log comes by another way than the answer.
    await eventually(
      () => Promise.resolve(wrong.output.includes('DATA_KEYS has another key under the id k1')),
      'the fault in the log',
    );
    await right.api.must('signUp', { input });
    expect(await wrong.end()).toBe(0);
    expect(await right.end()).toBe(0);
  }, 60_000);
});
