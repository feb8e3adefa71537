// F20 and F22: answers that get lost, and callers that want different things of one booking at once.
import { randomUUID } from 'node:crypto';
import type { Json } from '../support/api.js';
import { inDays } from '../support/world.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { Api } from '../support/api.js';
import { Cluster, FLAWLESS } from './support/cluster.js';

describe('callers', () => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await Cluster.start();
    await cluster.add();
    await cluster.add();
  });

  afterEach(() => cluster.clear());
  afterAll(() => cluster.stop());

  it('F20 whose answer is lost repeat with the same key 50 times: one booking, one notification', async () => {
    const [household] = await cluster.households(1);
    if (household === undefined) throw new Error('A household was made.');
    const { landlord, tenant, placeId } = household;
    cluster.listen([landlord]);
    const ways = await Promise.all(cluster.urls().map((url) => TcpProxy.for(url)));
    const idempotencyKey = randomUUID();
    const input = { placeId, checkIn: inDays(5), checkOut: inDays(7), guests: 1, idempotencyKey };
    const ask = (url: string): Promise<Json> =>
      new Api(url.replace(/\/$/, '')).call('createPendingBooking', { input }, tenant.token).catch(() => null);
    let lost = 0;
    for (let tries = 0; tries < 25; tries++) {
      // Cut on the way back, at a different moment each time.
      const answers = ways.map(({ address }) => ask(address));
      await new Promise((resolve) => setTimeout(resolve, tries));
      for (const { proxy } of ways) await proxy.cut();
      lost += (await Promise.all(answers)).filter((reply) => reply === null).length;
      for (const { proxy } of ways) await proxy.heal();
    }
    expect(lost).toBeGreaterThan(5);
    const replies = await Promise.all(cluster.urls().flatMap((url) => [ask(url), ask(url)]));
    expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 'CREATED'));
    expect(new Set(replies.map(({ data }) => data.id)).size).toBe(1);
    for (const { proxy } of ways) await proxy.cut();
    expect(await cluster.verdict()).toMatchObject({ ...FLAWLESS, committed: 1, received: 1 });
  });

  it('F22 activate, cancel and complete at once: one legal path, one notification for each step of it', async () => {
    const [household] = await cluster.households(1);
    if (household === undefined) throw new Error('A household was made.');
    const { landlord, tenant, placeId } = household;
    cluster.listen([landlord, tenant]);
    const apis = cluster.urls().map((url) => new Api(url));
    const world = cluster.world();
    for (let round = 0; round < 25; round++) {
      const { id } = await world.ask(tenant, placeId, inDays(0), inDays(1));
      const wanted = [
        ['activatePendingBooking', landlord],
        ['cancelPendingBooking', landlord],
        ['cancelPendingBooking', tenant],
        ['cancelActiveBooking', tenant],
        ['completeActiveBooking', landlord],
      ] as const;
      const replies: Json[] = await Promise.all(
        [...wanted, ...wanted].map(([operation, by], n) =>
          (apis[n % apis.length] as Api).call(operation, { id }, by.token),
        ),
      );
      const won = replies.filter(({ status }) => status === 'OK').length;
      for (const { status, code } of replies) {
        if (status !== 'OK') expect(['ILLEGAL_TRANSITION', 'DATES_TAKEN']).toContain(code);
      }
      const { rows } = await cluster.sql.query<{ type: string }>(
        'SELECT type FROM notification WHERE booking_id = $1 ORDER BY booking_version',
        [id],
      );
      const told = rows.map(({ type }) => type).join(' ');
      expect([
        'NEW_BOOKING',
        'NEW_BOOKING CANCEL_BOOKING',
        'NEW_BOOKING ACTIVATE_BOOKING',
        'NEW_BOOKING ACTIVATE_BOOKING CANCEL_BOOKING',
        'NEW_BOOKING ACTIVATE_BOOKING COMPLETE_BOOKING',
      ]).toContain(told);
      expect(rows.length).toBe(1 + won);
    }
    expect(await cluster.verdict()).toMatchObject(FLAWLESS);
  });
});
