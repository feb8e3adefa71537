// Old notifications go, new ones and unseen ones stay, sequences go on, and clients that stand too far back reload.
import pg from 'pg';
import { NotificationRepository } from '../../src/modules/notification/notification.repository.js';
import { Retention } from '../../src/modules/notification/retention.js';
import { TestApp } from '../support/app.js';
import { Live } from '../support/live.js';
import { cloneDatabase } from '../support/services.js';
import { inDays, type Person, World } from '../support/world.js';

/** A client's view of the lock that one instance at a time holds. */
const RETENTION_LOCK = 7_266_779;

describe('retention', () => {
  let app: TestApp;
  let landlord: Person;
  let notify: (count: number) => Promise<void>;

  beforeEach(async () => {
    app = await TestApp.start();
    const world = new World(app);
    const tenant = await world.tenant();
    landlord = await world.landlord();
    const { id: placeId } = await world.place(landlord);
    notify = async (count) => {
      for (let n = 0; n < count; n++) await world.ask(tenant, placeId as string, inDays(1), inDays(2));
    };
  });

  afterEach(() => app.stop());

  const run = () => app.nest.get(Retention, { strict: false }).run();
  const stored = async () => {
    const { rows } = await app.sql.query<{ sequence: string }>(
      'SELECT sequence FROM notification WHERE recipient_id = $1 ORDER BY sequence',
      [landlord.id],
    );
    return rows.map(({ sequence }) => Number(sequence));
  };
  const read = (from: number, to: number, days: number) =>
    app.sql.query(
      `UPDATE notification SET read_at = now() - $4 * interval '1 day' WHERE recipient_id = $1 AND sequence BETWEEN $2 AND $3`,
      [landlord.id, from, to, days],
    );
  const acknowledge = (sequence: number) =>
    app.nest
      .get(NotificationRepository, { strict: false })
      .acknowledge([{ recipientId: landlord.id, sequence }]);

  it('removes what is acknowledged and was read longer ago than 180 days, and nothing else', async () => {
    await notify(6);
    await acknowledge(4);
    await read(1, 2, 181);
    await read(3, 3, 179);
    // 4 is acknowledged but unread; 5 was read long ago, but no client acknowledged it; 6 is new.
    await read(5, 5, 400);
    await run();
    expect(await stored()).toEqual([3, 4, 5, 6]);
    await notify(1);
    expect(await stored()).toEqual([3, 4, 5, 6, 7]);
  });

  it('lets clients go on that stand behind what is gone, and tells the others to reload', async () => {
    await notify(6);
    await acknowledge(6);
    await read(1, 3, 200);
    // 4 stays, as nobody has read it: after it there is a gap.
    await read(5, 5, 200);
    await run();
    expect(await stored()).toEqual([4, 6]);
    for (const lastSequence of [0, 2]) {
      const far = await Live.connect(app.url, landlord.token, { lastSequence });
      await far.until(() => far.has('resync'), 'resync');
      expect(far.messages).toEqual([]);
      far.close();
    }
    const atGap = await Live.connect(app.url, landlord.token, { lastSequence: 3 });
    await atGap.until(() => atGap.has('resync'), 'resync at the gap');
    expect(atGap.sequences).toEqual([4]);
    await notify(1);
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(atGap.sequences).toEqual([4]);
    atGap.close();
    const near = await Live.connect(app.url, landlord.token, { lastSequence: 5 });
    await near.receive(2);
    expect(near.sequences).toEqual([6, 7]);
    expect(near.has('resync')).toBe(false);
    near.close();
  });

  it('works in batches, and only one instance at a time', async () => {
    await notify(1);
    await app.sql.query(
      `WITH counter AS (UPDATE inbox SET last_sequence = 1300 WHERE recipient_id = $1)
       INSERT INTO notification (recipient_id, sequence, id, type, message, booking_id, booking_version, place_id, booking_status, check_in, check_out)
       SELECT recipient_id, n, gen_random_uuid(), type, message, booking_id, n, place_id, booking_status, check_in, check_out
       FROM notification, generate_series(2, 1300) n WHERE recipient_id = $1`,
      [landlord.id],
    );
    await acknowledge(1300);
    await read(1, 1250, 200);
    const repository = app.nest.get(NotificationRepository, { strict: false });
    const other = new pg.Client({ connectionString: app.settings.DATABASE_URL });
    await other.connect();
    await other.query('BEGIN');
    await other.query('SELECT pg_advisory_xact_lock($1)', [RETENTION_LOCK]);
    expect(await repository.removeOld(180, 500)).toBe(0);
    await other.query('ROLLBACK');
    await other.end();
    expect(await repository.removeOld(180, 500)).toBe(500);
    expect((await stored()).length).toBe(800);
    await run();
    expect(await stored()).toEqual(Array.from({ length: 50 }, (_, n) => 1251 + n));
  });

  it('removes at once at the start, and nothing where the setting is 0', async () => {
    await notify(2);
    await acknowledge(2);
    await read(1, 1, 200);
    const DATABASE_URL = app.settings.DATABASE_URL ?? (await cloneDatabase());
    const keeping = await TestApp.start({ DATABASE_URL, NOTIFICATION_RETENTION_DAYS: '0' });
    await keeping.stop();
    expect(await stored()).toEqual([1, 2]);
    const removing = await TestApp.start({ DATABASE_URL });
    await removing.nest.get(Retention, { strict: false }).run();
    await removing.stop();
    expect(await stored()).toEqual([2]);
  });
});
