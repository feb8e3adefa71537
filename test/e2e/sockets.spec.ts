// What sockets may send: unknown events, wrong types, huge frames and floods are answered, dropped or cut off, and
// nobody else notices.
import { io, type Socket } from 'socket.io-client';
import { TestApp } from '../support/app.js';
import { eventually, Live } from '../support/live.js';
import { inDays, type Person, World } from '../support/world.js';

describe('a socket that misbehaves', () => {
  let app: TestApp;
  let landlord: Person;
  let bystander: Live;
  let notify: () => Promise<unknown>;

  beforeAll(async () => {
    app = await TestApp.start({ SOCKET_MAX_FRAME_BYTES: '8192', SOCKET_MESSAGES_PER_SECOND: '20' });
    const world = new World(app);
    const tenant = await world.tenant();
    landlord = await world.landlord();
    const { id: placeId } = await world.place(landlord);
    notify = () => world.ask(tenant, placeId as string, inDays(1), inDays(2));
    bystander = await Live.connect(app.url, landlord.token);
  });

  afterEach(async () => {
    // Somebody else is connected all along, and goes on being told.
    const before = bystander.messages.length;
    await notify();
    await bystander.receive(before + 1);
    expect(bystander.has('disconnect')).toBe(false);
  });

  afterAll(async () => {
    bystander.close();
    await app.stop();
  });

  const connect = () => Live.connect(app.url, landlord.token, { lastSequence: bystander.messages.length });
  const call = (live: Live, name: string, ...args: unknown[]) =>
    live.socket.timeout(2000).emitWithAck(name, ...args) as Promise<{ status: string; message: string }>;

  it('with an unknown event is told so, and goes on', async () => {
    const live = await connect();
    for (const name of ['acknowledge', 'ready', 'notification', '__proto__', 'x'.repeat(500)]) {
      expect(await call(live, name, { sequence: 99 })).toMatchObject({ status: 'BAD_REQUEST' });
    }
    expect((await call(live, 'y'.repeat(500))).message.length).toBeLessThan(100);
    live.socket.emit('without an acknowledgement', 1);
    await notify();
    await live.receive(1);
    live.close();
  });

  it.each([
    ['nothing', []],
    ['null', [null]],
    ['a number', [1]],
    ['a list', [[1, 2]]],
    ['no token', [{}]],
    ['a token that is no text', [{ token: { a: 1 } }]],
    ['bytes', [Buffer.from('token')]],
    ['more than one thing', [{ token: 'x' }, 2, 3]],
  ])('that renews with %s is refused, and goes on', async (_, payload) => {
    const live = await connect();
    expect(await call(live, 'renew', ...payload)).toMatchObject({ status: 'UNAUTHENTICATED' });
    expect(live.has('disconnect')).toBe(false);
    live.close();
  });

  it('that renews without asking for an answer gets none', async () => {
    const live = await connect();
    live.socket.emit('renew', { token: 'garbage' });
    expect(await call(live, 'renew', { token: landlord.token })).toMatchObject({ status: 'OK' });
    live.close();
  });

  it('with a message over the limit is closed, with one below it is not', async () => {
    const live = await connect();
    expect(await call(live, 'renew', { token: 'x'.repeat(7000) })).toMatchObject({
      status: 'UNAUTHENTICATED',
    });
    live.socket.emit('renew', { token: 'x'.repeat(9000) });
    await live.until(() => live.has('disconnect'), 'it to be closed');
  });

  it('that floods is closed', async () => {
    const live = await connect();
    for (let n = 0; n < 200; n++) live.socket.emit('noise', n);
    await live.until(() => live.has('disconnect'), 'it to be closed');
  });

  it('that stays within its rate is not, nor one that confirms thousands', async () => {
    const live = await connect();
    for (let n = 0; n < 30; n++) expect(await call(live, 'noise')).toMatchObject({ status: 'BAD_REQUEST' });
    expect(live.has('disconnect')).toBe(false);
    live.close();
    await notify();
    await app.sql.query(
      `WITH counter AS (UPDATE inbox SET last_sequence = last_sequence + 2000 WHERE recipient_id = $1 RETURNING last_sequence - 2000 AS last)
       INSERT INTO notification (recipient_id, sequence, id, type, message, booking_id, booking_version, place_id, booking_status, check_in, check_out)
       SELECT recipient_id, sequence + n, gen_random_uuid(), type, message, booking_id, booking_version + n, place_id, booking_status, check_in, check_out
       FROM notification, counter, generate_series(1, 2000) n WHERE recipient_id = $1 AND sequence = counter.last`,
      [landlord.id],
    );
    const { rows } = await app.sql.query<{ last: string }>(
      'SELECT last_sequence AS last FROM inbox WHERE recipient_id = $1',
      [landlord.id],
    );
    await bystander.receive(Number(rows[0]?.last), 20_000);
  });

  it('that never says who it is, is not kept', async () => {
    const raw: Socket = io(app.url, { transports: ['websocket'], reconnection: false, forceNew: true });
    const refused = new Promise((resolve) => raw.on('connect_error', resolve));
    await refused;
    expect(raw.connected).toBe(false);
    raw.close();
    const { engine } = raw.io;
    await eventually(() => Promise.resolve(engine.readyState === 'closed'), 'it to be closed', 15_000);
  });
});
