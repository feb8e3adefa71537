// Live delivery over real sockets: online, offline, two tabs, coming back, confirming, and being let in at all.
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import type { Json } from '../support/api.js';
import { TestApp } from '../support/app.js';
import { eventually, Live, type LiveOptions } from '../support/live.js';
import { inDays, type Person, World } from '../support/world.js';

describe('live delivery', () => {
  let app: TestApp;
  let world: World;
  let tenant: Person;
  let redis: Redis;
  let queue: Queue;
  const open: Live[] = [];

  beforeAll(async () => {
    app = await TestApp.start();
    world = new World(app);
    tenant = await world.tenant();
    redis = new Redis(app.settings.REDIS_URL as string);
    queue = new Queue('delivery', {
      connection: { url: app.settings.REDIS_URL },
      prefix: `${app.settings.REDIS_PREFIX}:queue`,
    });
  });

  afterEach(() => {
    for (const live of open.splice(0)) live.close();
  });

  afterAll(async () => {
    await queue.close();
    redis.disconnect();
    await app.stop();
  });

  async function connect(person: Person, options: LiveOptions = {}): Promise<Live> {
    const live = await Live.connect(app.url, person.token, options);
    open.push(live);
    return live;
  }

  /** A landlord, and a way to send them notifications. */
  async function recipient() {
    const landlord = await world.landlord();
    const { id: placeId } = await world.place(landlord);
    const notify = async (count = 1) => {
      const made = [];
      for (let n = 0; n < count; n++)
        made.push(await world.ask(tenant, placeId as string, inDays(1), inDays(2)));
      return made;
    };
    return { landlord, placeId: placeId as string, notify };
  }

  const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => from + n);

  async function acked({ id }: Person): Promise<number> {
    const { rows } = await app.sql.query<{ acked: string }>(
      'SELECT acked_sequence AS acked FROM inbox_cursor WHERE recipient_id = $1',
      [id],
    );
    return Number(rows[0]?.acked ?? 0);
  }

  async function delivered({ id }: Person): Promise<number[]> {
    const { rows } = await app.sql.query<{ sequence: string }>(
      'SELECT sequence FROM notification WHERE recipient_id = $1 AND delivered_at IS NOT NULL ORDER BY sequence',
      [id],
    );
    return rows.map(({ sequence }) => Number(sequence));
  }

  describe('what is received', () => {
    it('begins with ready, and is what happened, as it was at the event', async () => {
      const { landlord, placeId, notify } = await recipient();
      const live = await connect(landlord);
      expect(live.events[0]).toEqual({
        name: 'ready',
        payload: { userId: landlord.id, lastSequence: 0, ackedSequence: 0 },
      });
      const [booking] = await notify();
      const [message] = await live.receive(1);
      expect(message).toEqual({
        id: expect.any(String),
        sequence: 1,
        type: 'NEW_BOOKING',
        message: expect.stringContaining('A room'),
        createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
        booking: { id: booking.id, placeId, status: 'PENDING', checkIn: inDays(1), checkOut: inDays(2) },
      });
      await app.api.must('cancelPendingBooking', { id: booking.id }, landlord.token);
      const again = await connect(landlord, { lastSequence: 0 });
      expect((await again.receive(1))[0].booking.status).toBe('PENDING');
      const { nodes } = await app.api.must(
        'getNotifications',
        {},
        landlord.token,
        '{ nodes { id sequence booking { status } } }',
      );
      expect(nodes).toEqual([{ id: message.id, sequence: 1, booking: { status: 'CANCELLED' } }]);
    });

    it('comes to the recipient alone', async () => {
      const { landlord, notify } = await recipient();
      const stranger = await connect(await world.landlord());
      const own = await connect(landlord);
      const asker = await connect(tenant);
      // What other tests left for them comes first.
      await asker.receive(asker.ready.lastSequence - asker.ready.ackedSequence);
      const before = asker.messages.length;
      await notify(3);
      await own.receive(3);
      expect(stranger.messages).toEqual([]);
      expect(asker.messages.length).toBe(before);
    });

    it('comes to every tab, in order', async () => {
      const { landlord, notify } = await recipient();
      const tabs = [await connect(landlord), await connect(landlord)];
      await notify(20);
      for (const tab of tabs) {
        await tab.receive(20);
        expect(tab.sequences).toEqual(range(1, 20));
      }
    });

    it('is not sent where the transaction was rolled back', async () => {
      const { landlord, placeId, notify } = await recipient();
      const live = await connect(landlord);
      const other = await world.tenant();
      const [first] = await notify();
      const second = await world.ask(other, placeId, inDays(1), inDays(2));
      await world.activate(landlord, first.id);
      const before = live.messages.length;
      expect((await app.api.call('activatePendingBooking', { id: second.id }, landlord.token)).code).toBe(
        'DATES_TAKEN',
      );
      expect(
        (
          await app.api.call(
            'createPendingBooking',
            { input: { placeId, checkIn: inDays(1), checkOut: inDays(2), guests: 1 } },
            other.token,
          )
        ).code,
      ).toBe('DATES_TAKEN');
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(live.messages.length).toBe(before);
    });
  });

  describe('coming back', () => {
    it('without lastSequence goes on after what was confirmed', async () => {
      const { landlord, notify } = await recipient();
      await notify(3);
      const first = await connect(landlord);
      await first.receive(3);
      await eventually(async () => (await acked(landlord)) === 3, 'the cursor at 3');
      first.close();
      await notify(2);
      const second = await connect(landlord);
      expect(second.ready).toEqual({ userId: landlord.id, lastSequence: 5, ackedSequence: 3 });
      await second.receive(2);
      expect(second.sequences).toEqual([4, 5]);
    });

    it('with lastSequence goes on after that, and counts it as confirmed', async () => {
      const { landlord, notify } = await recipient();
      await notify(6);
      const live = await connect(landlord, { lastSequence: 4, acknowledge: false });
      await live.receive(2);
      expect(live.sequences.slice(0, 2)).toEqual([5, 6]);
      expect(live.ready.ackedSequence).toBe(4);
      expect(await acked(landlord)).toBe(4);
      expect(await delivered(landlord)).toEqual([1, 2, 3, 4]);
    });

    it('with a lastSequence below what was confirmed gets those again, and moves nothing back', async () => {
      const { landlord, notify } = await recipient();
      await notify(4);
      const first = await connect(landlord);
      await first.receive(4);
      await eventually(async () => (await acked(landlord)) === 4, 'the cursor at 4');
      const second = await connect(landlord, { lastSequence: 1 });
      await second.receive(3);
      expect(second.sequences).toEqual([2, 3, 4]);
      expect(await acked(landlord)).toBe(4);
    });

    it('loses and doubles nothing over many short connections while bookings go on', async () => {
      const { landlord, notify } = await recipient();
      const kept: number[] = [];
      const notified = notify(40);
      while (kept.length < 40) {
        const live = await connect(landlord, {
          lastSequence: kept.at(-1) ?? 0,
          acknowledge: ({ sequence }: Json) => {
            if (sequence === (kept.at(-1) ?? 0) + 1) kept.push(sequence as number);
            return true;
          },
        });
        await new Promise((resolve) => setTimeout(resolve, 15));
        live.close();
      }
      await notified;
      expect(kept).toEqual(range(1, 40));
    }, 60_000);

    it.each([
      ['above ours', 5, 0],
      ['below the oldest kept', 1, 3],
    ])('with a lastSequence %s must reload first', async (_, lastSequence, removed) => {
      const { landlord, notify } = await recipient();
      await notify(4);
      await app.sql.query('DELETE FROM notification WHERE recipient_id = $1 AND sequence <= $2', [
        landlord.id,
        removed,
      ]);
      const live = await connect(landlord, { lastSequence });
      await live.until(() => live.has('resync'), 'resync');
      expect(live.events.map(({ name, payload }) => [name, payload.lastSequence])).toEqual([
        ['ready', 4],
        ['resync', 4],
      ]);
      await notify(1);
      await new Promise((resolve) => setTimeout(resolve, 500));
      expect(live.messages).toEqual([]);
      expect(await acked(landlord)).toBeLessThanOrEqual(5);
      const reloaded = await connect(landlord, { lastSequence: 5 });
      await notify(1);
      await reloaded.receive(1);
      expect(reloaded.sequences).toEqual([6]);
    });
  });

  describe('confirming', () => {
    it('only an unbroken run moves the cursor: 3 without 1 and 2 moves nothing', async () => {
      const { landlord, notify } = await recipient();
      let confirmAll = false;
      const live = await connect(landlord, {
        acknowledge: ({ sequence }: Json) => confirmAll || sequence === 3,
      });
      await notify(3);
      await live.receive(3);
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(await acked(landlord)).toBe(0);
      expect(await delivered(landlord)).toEqual([]);
      confirmAll = true;
      await eventually(async () => (await acked(landlord)) === 3, 'the cursor at 3');
      expect(await delivered(landlord)).toEqual([1, 2, 3]);
    });

    it('what is not confirmed is sent again, from the first such one on', async () => {
      const { landlord, notify } = await recipient();
      const live = await connect(landlord, { acknowledge: ({ sequence }: Json) => sequence < 2 });
      await notify(3);
      await live.receive(5);
      expect(live.sequences.slice(0, 5)).toEqual([1, 2, 3, 2, 3]);
      await eventually(async () => (await acked(landlord)) === 1, 'the cursor at 1');
    });

    it('one tab confirming is enough, and the other one still hears everything', async () => {
      const { landlord, notify } = await recipient();
      const silent = await connect(landlord, { acknowledge: false });
      const confirming = await connect(landlord);
      await notify(2);
      await confirming.receive(2);
      await silent.receive(2);
      await eventually(async () => (await acked(landlord)) === 2, 'the cursor at 2');
    });

    it('at most a window of 50 is under way to a client that confirms nothing', async () => {
      const { landlord, notify } = await recipient();
      const [row] = await notify(1);
      await app.sql.query(
        `WITH counter AS (UPDATE inbox SET last_sequence = 501 WHERE recipient_id = $1)
         INSERT INTO notification (recipient_id, sequence, id, type, message, booking_id, booking_version, place_id, booking_status, check_in, check_out)
         SELECT recipient_id, n, gen_random_uuid(), type, message, booking_id, n, place_id, booking_status, check_in, check_out
         FROM notification, generate_series(2, 501) n WHERE recipient_id = $1 AND booking_id = $2`,
        [landlord.id, row.id],
      );
      const stuck = await connect(landlord, { acknowledge: false });
      await stuck.receive(50);
      await new Promise((resolve) => setTimeout(resolve, 500));
      expect(stuck.sequences).toEqual(range(1, 50));
      const quick = await connect(landlord);
      await quick.receive(501);
      expect(quick.sequences).toEqual(range(1, 501));
      await eventually(async () => (await acked(landlord)) === 501, 'the cursor at 501');
    });
  });

  describe('presence and the queue', () => {
    const online = async (person: Person) =>
      await redis.zcard(`${app.settings.REDIS_PREFIX}:presence:${person.id}`);

    it('closing one of two tabs leaves the user online; closing both does not', async () => {
      const landlord = await world.landlord();
      const [one, two] = [await connect(landlord), await connect(landlord)];
      await eventually(async () => (await online(landlord)) === 2, 'two sockets');
      one.close();
      await eventually(async () => (await online(landlord)) === 1, 'one socket');
      two.close();
      await eventually(async () => (await online(landlord)) === 0, 'no socket');
    });

    it('sockets that stop beating are gone after their time to live', async () => {
      const landlord = await world.landlord();
      await connect(landlord);
      await eventually(async () => (await online(landlord)) === 1, 'one socket');
      const ttl = await redis.pttl(`${app.settings.REDIS_PREFIX}:presence:${landlord.id}`);
      expect(ttl).toBeGreaterThan(0);
      expect(ttl).toBeLessThanOrEqual(30_000);
    });

    it('holds one job for somebody away, with nothing but their id, however much waits', async () => {
      const { landlord, notify } = await recipient();
      await notify(12);
      await eventually(async () => (await queue.getJob(landlord.id))?.delay !== undefined, 'a job');
      await eventually(
        async () =>
          ((await (await queue.getJob(landlord.id))?.isDelayed()) ?? false) &&
          Number((await queue.getJob(landlord.id))?.delay) > 3_600_000,
        'a held job',
      );
      const job = await queue.getJob(landlord.id);
      expect(job?.data).toEqual({});
      expect(job?.name).toBe('deliver');
      const all = await queue.getJobs(['delayed', 'waiting', 'active']);
      expect(all.filter(({ id }) => id === landlord.id)).toHaveLength(1);
    });

    it('promotes the job of who comes back, and removes it once all is confirmed', async () => {
      const { landlord, notify } = await recipient();
      await notify(1);
      await eventually(
        async () => Number((await queue.getJob(landlord.id))?.delay) > 3_600_000,
        'a held job',
      );
      const live = await connect(landlord, { acknowledge: true });
      await live.receive(1);
      await eventually(async () => (await queue.getJob(landlord.id)) === undefined, 'the job to go');
    });

    it('rebuilds everything after Redis was wiped', async () => {
      const { landlord, notify } = await recipient();
      await notify(3);
      const other = await recipient();
      const live = await connect(other.landlord);
      const keys = await redis.keys(`${app.settings.REDIS_PREFIX}:*`);
      await redis.del(keys);
      await eventually(async () => (await queue.getJob(landlord.id)) !== undefined, 'the job to be back');
      await other.notify(2);
      await live.receive(2);
      const back = await connect(landlord);
      await back.receive(3);
      expect(back.sequences).toEqual([1, 2, 3]);
    });
  });

  describe('being let in', () => {
    it.each([
      ['no token', undefined],
      ['an empty token', ''],
      ['garbage', 'garbage'],
      ['a token that is no text', { token: 1 }],
    ])('not with %s', async (_, token) => {
      await expect(Live.connect(app.url, token)).rejects.toThrow(/^UNAUTHENTICATED$/);
    });

    it.each([['1'], [-1], [1.5], [1e300], [{}], [true]])('not with lastSequence %p', async (lastSequence) => {
      await expect(Live.connect(app.url, tenant.token, { lastSequence })).rejects.toThrow(/^INVALID_INPUT$/);
    });

    it('not with a token in the URL', async () => {
      const live = Live.open(app.url, undefined);
      open.push(live);
      live.socket.io.opts.query = { token: tenant.token };
      await live.until(() => live.has('connect_error'), 'a refusal');
    });

    it('not after the session was ended; its sockets close within a second', async () => {
      const person = await world.landlord();
      const live = await connect(person);
      const other = await connect(tenant);
      const started = Date.now();
      await app.api.must('signOut', { refreshToken: person.refreshToken });
      await live.until(() => live.has('disconnect'), 'the socket to close');
      expect(Date.now() - started).toBeLessThan(1000);
      expect(other.has('disconnect')).toBe(false);
      await expect(Live.connect(app.url, person.token)).rejects.toThrow(/^UNAUTHENTICATED$/);
    });
  });
});

describe('a token that ends', () => {
  let app: TestApp;
  let world: World;

  beforeAll(async () => {
    app = await TestApp.start({ ACCESS_TOKEN_SECONDS: '3' });
    world = new World(app);
  });

  afterAll(() => app.stop());

  it('closes the socket, session_expired first; a renewed one goes on', async () => {
    const [quiet, renewing, stranger] = [
      await world.landlord(),
      await world.landlord(),
      await world.landlord(),
    ];
    const closing = await Live.connect(app.url, quiet.token);
    const going = await Live.connect(app.url, renewing.token);
    const renew = (payload: unknown) => going.socket.timeout(1000).emitWithAck('renew', payload);
    expect(await renew({ token: 'garbage' })).toMatchObject({ status: 'UNAUTHENTICATED' });
    expect(await renew('garbage')).toMatchObject({ status: 'UNAUTHENTICATED' });
    expect(await renew({ token: stranger.token })).toMatchObject({ status: 'FORBIDDEN' });
    await new Promise((resolve) => setTimeout(resolve, 1200));
    const fresh = await app.api.must('refreshSession', { refreshToken: renewing.refreshToken });
    expect(await renew({ token: fresh.accessToken })).toMatchObject({ status: 'OK' });
    await closing.until(() => closing.has('disconnect'), 'the socket to close');
    expect(closing.events.map(({ name }) => name)).toEqual(['ready', 'session_expired', 'disconnect']);
    expect(going.has('disconnect')).toBe(false);
    await going.until(() => going.has('disconnect'), 'the renewed token to end, too');
    going.close();
  }, 20_000);
});
