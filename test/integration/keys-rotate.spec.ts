// `npm run keys:rotate` on a filled database: killed and run again, while a server reads and writes.
import pg from 'pg';
import { EmailIndex } from '../../src/platform/crypto/email-index.js';
import { KeyRing } from '../../src/platform/crypto/key-ring.js';
import type { PersonalData } from '../../src/platform/crypto/sealed-columns.js';
import { Sealer } from '../../src/platform/crypto/sealer.js';
import { TestApp } from '../support/app.js';
import { keyNamed, KEYS } from '../support/keys.js';
import { addressOf, emailOf, fill, idOf, phoneOf } from '../support/fill.js';
import { eventually } from '../support/live.js';
import { RoostProcess } from '../support/process.js';
import { processSettings } from '../support/settings.js';
import { cloneDatabase } from '../support/services.js';
import { type Person, World } from '../support/world.js';

const BOTH = {
  DATA_KEYS: [KEYS.data[1], KEYS.data[0]].join(','),
  EMAIL_INDEX_KEYS: [KEYS.index[1], KEYS.index[0]].join(','),
};
const NEW = { DATA_KEYS: KEYS.data[1], EMAIL_INDEX_KEYS: KEYS.index[1] };
const LANDLORDS = 50;
const USERS = 6050;
const PLACES = 6000;

/** What is stored, by column, and under which key. */
const COLUMNS = [
  ['users', 'email_sealed'],
  ['profile', 'phone_sealed'],
  ['place', 'address_sealed'],
  ['user_key', 'email_index'],
] as const;

describe('rotating keys', () => {
  let url: string;
  let sql: pg.Pool;

  /** People with a place each, made under the old keys; they write while keys rotate. */
  let writers: { person: Person; placeId: string; phone: string; address: string }[];

  beforeAll(async () => {
    url = await cloneDatabase();
    const size = { cities: 5, landlords: LANDLORDS, tenants: USERS - LANDLORDS, places: PLACES };
    await fill(url, { ...size, bookings: 10, reviews: 0, notifications: 0 });
    sql = new pg.Pool({ connectionString: url, max: 2 });
    const before = await RoostProcess.start(processSettings(url));
    const world = new World({ api: before.api } as TestApp);
    writers = [];
    for (let n = 0; n < 4; n++) {
      const person = await world.landlord();
      const [phone, address] = [`+1${n}`, `Place ${n}`];
      await before.api.must('createProfile', { input: { fullName: 'x', phone } }, person.token);
      writers.push({ person, phone, address, placeId: (await world.place(person, { address })).id });
    }
    expect(await before.end()).toBe(0);
  }, 120_000);

  afterAll(() => sql.end());

  /** How many values of all columns are under a key of this number. */
  async function under(n: 1 | 2): Promise<number> {
    let sum = 0;
    for (const [table, column] of COLUMNS) {
      const { rows } = await sql.query<{ count: string }>(
        `SELECT count(*) FROM ${table} WHERE convert_from(substr(${column}, 2, 2), 'LATIN1') IN ('k${n}', 'i${n}')`,
      );
      sum += Number(rows[0]?.count);
    }
    return sum;
  }

  const rotate = (settings = BOTH) => RoostProcess.spawn(processSettings(url, settings), 'rotate-keys');

  it('refuses keys that are not those of the database, in plain words', async () => {
    const rotation = rotate(NEW);
    expect(await rotation.exited()).toBe(1);
    expect(rotation.output).toContain('DATA_KEYS lacks the key k1');
    expect(rotation.output).not.toMatch(/^\s+at /m);
    const nowhere = RoostProcess.spawn(
      { ...processSettings('postgres://127.0.0.1:1/x'), ...BOTH },
      'rotate-keys',
    );
    expect(await nowhere.exited()).toBe(1);
    expect(nowhere.output).toMatch(/^PostgreSQL cannot be reached at DATABASE_URL/);
  });

  it('goes on where it was killed, loses no write and keeps all readable meanwhile', async () => {
    const roost = await RoostProcess.start(processSettings(url, BOTH));
    const all = await under(1);
    expect(all).toBeGreaterThan(3 * USERS + PLACES);
    let stopped = false;
    let rounds = 0;
    const busy = writers.map(async (writer) => {
      const { person, placeId } = writer;
      while (!stopped) {
        writer.phone = `+1${String(rounds).padStart(8, '0')}`;
        writer.address = `Moved in round ${rounds}`;
        const { token, email, password } = person;
        const change = { id: placeId, address: writer.address };
        await roost.api.must('updatePlace', { input: change }, token, '{ id }');
        await roost.api.must('updateProfile', { input: { phone: writer.phone } }, token);
        const session = await roost.api.must(
          'signIn',
          { input: { email, password } },
          undefined,
          '{ user { email } }',
        );
        expect(session.user.email).toBe(email);
        expect(await shownTo(roost, writer)).toEqual(ownOf(writer));
        rounds++;
      }
    });
    // A new address under either key is taken, whoever asks.
    const again = { email: emailOf(7), password: 'correct horse battery', role: 'TENANT', displayName: 'x' };

    const first = rotate();
    await eventually(
      async () => (await under(2)) > 2000,
      'a part of the rows to be under the new keys',
      20_000,
    );
    expect(await first.end('SIGKILL')).toBeNull();
    const left = await under(1);
    expect(left).toBeGreaterThan(2000);
    expect(left).toBeLessThan(all - 1000);
    expect((await roost.api.call('signUp', { input: again })).code).toBe('EMAIL_TAKEN');

    const second = rotate();
    expect(await second.exited()).toBe(0);
    expect(second.output).toMatch(/user_key\.email_index: \d+ to do\.\n/);
    expect(second.output).toContain('Everything is under the current keys, k2 and i2.');
    expect(second.output).toContain('No longer needed: k1, i1. Take them out of the settings.');
    stopped = true;
    await Promise.all(busy);
    expect(rounds).toBeGreaterThan(10);
    expect(await under(1)).toBe(0);
    expect(await roost.end()).toBe(0);
    expect(roost.output).not.toContain('fault');

    const third = rotate();
    expect(await third.exited()).toBe(0);
    expect(third.output).toMatch(/^users\.email_sealed: nothing to do\.$/m);
  }, 120_000);

  it('leaves a server that needs the new keys alone, and everything as it was', async () => {
    const roost = await RoostProcess.start(processSettings(url, NEW));
    for (const writer of writers) {
      expect(await shownTo(roost, writer)).toEqual(ownOf(writer));
      const { email, password } = writer.person;
      expect((await roost.api.call('signIn', { input: { email, password } })).code).toBeNull();
    }
    expect(await roost.end()).toBe(0);
    // Every row, not only those that can be asked for.
    const sealer = new Sealer(KeyRing.parse(NEW.DATA_KEYS));
    const emails = new EmailIndex(KeyRing.parse(NEW.EMAIL_INDEX_KEYS));
    const stored = async (table: string, column: string, row: string) => {
      const { rows } = await sql.query<{ id: string; bytes: Buffer }>(
        `SELECT ${row} AS id, ${column} AS bytes FROM ${table}`,
      );
      return new Map(rows.map(({ id, bytes }) => [id, bytes]));
    };
    const [email, index, phone, address] = await Promise.all([
      stored('users', 'email_sealed', 'id'),
      stored('user_key', 'email_index', 'id'),
      stored('profile', 'phone_sealed', 'owner_id'),
      stored('place', 'address_sealed', 'id'),
    ]);
    const open = (kind: PersonalData, id: string, from: Map<string, Buffer>) =>
      sealer.open(kind, id, from.get(id) ?? Buffer.alloc(0));
    for (let n = 1; n <= USERS; n++) {
      const id = idOf('user', n);
      expect([open('email', id, email), open('phone', id, phone)]).toEqual([emailOf(n), phoneOf(n)]);
      expect(index.get(id)).toEqual(emails.of(emailOf(n)));
    }
    for (let n = 1; n <= PLACES; n++) expect(open('address', idOf('place', n), address)).toBe(addressOf(n));
  }, 60_000);

  it('says what is left where a row is locked or unreadable, without waiting, and ends once it is not', async () => {
    const newest = {
      DATA_KEYS: `${keyNamed('k3')},${NEW.DATA_KEYS}`,
      EMAIL_INDEX_KEYS: NEW.EMAIL_INDEX_KEYS,
    };
    const [first, second] = writers.map(({ placeId }) => placeId);
    const { rows } = await sql.query('SELECT address_sealed AS bytes FROM place WHERE id = $1', [first]);
    await sql.query('UPDATE place SET address_sealed = $2 WHERE id = $1', [second, rows[0].bytes]);
    const holder = await sql.connect();
    await holder.query('BEGIN');
    await holder.query('SELECT FROM place WHERE id = $1 FOR UPDATE', [first]);
    const rotation = rotate(newest);
    expect(await rotation.exited()).toBe(1);
    expect(rotation.output).toContain('2 left, 1 of them unreadable.');
    expect(rotation.output).toContain(`What is stored in place.address_sealed of row ${second}`);
    expect(rotation.output).toContain('keep the old keys until it says that nothing is left');
    await holder.query('COMMIT');
    holder.release();
    await sql.query('UPDATE place SET address_sealed = $2 WHERE id = $1', [
      second,
      new Sealer(KeyRing.parse(NEW.DATA_KEYS)).seal('address', second as string, 'Back again'),
    ]);
    const last = rotate(newest);
    expect(await last.exited()).toBe(0);
    expect(last.output).toContain('place.address_sealed: 2 done, 0 left.');
    expect(last.output).toContain('No longer needed: k2.');
  }, 60_000);
});

it('while the index moves, an address is taken under either key: of racing sign-ups on both sides one wins', async () => {
  const before = await TestApp.start({ EMAIL_INDEX_KEYS: [...KEYS.index].join(',') });
  const { DATABASE_URL = '' } = before.settings;
  const after = await TestApp.start({ DATABASE_URL, EMAIL_INDEX_KEYS: [...KEYS.index].reverse().join(',') });
  const winners: number[] = [];
  const losers: number[] = [];
  for (let round = 0; round < 10; round++) {
    const tries = Array.from({ length: 8 }, (_, n) => {
      const email = `${n % 2 === 0 ? 'Racer' : 'racer'}${round}@example.com`;
      const input = { email, password: 'correct horse battery', role: 'TENANT', displayName: 'x' };
      return (n % 4 < 2 ? before : after).api.call('signUp', { input });
    });
    const codes = (await Promise.all(tries)).map(({ code }) => code);
    winners.push(codes.filter((code) => code === null).length);
    losers.push(codes.filter((code) => code === 'EMAIL_TAKEN').length);
  }
  await after.stop();
  await before.stop();
  expect({ winners, losers }).toEqual({ winners: Array(10).fill(1), losers: Array(10).fill(7) });
}, 60_000);

function ownOf({ person, phone, address }: { person: Person; phone: string; address: string }) {
  return { email: person.email, phone, address };
}

async function shownTo(roost: RoostProcess, { person, placeId }: { person: Person; placeId: string }) {
  const { email, profile } = await roost.api.must(
    'verifyUser',
    {},
    person.token,
    '{ email profile { phone } }',
  );
  const { address } = await roost.api.must('getPlace', { id: placeId }, person.token, '{ address }');
  return { email, phone: profile.phone, address };
}
