// SQL of notifications, their counters and how far they are confirmed.
import { Injectable } from '@nestjs/common';
import { columns } from '../../platform/database/columns.js';
import { Database, type Sql } from '../../platform/database/database.js';
import type { BookingEvent } from '../../platform/events/events.js';
import type { PageRequest } from '../../platform/graphql/connection.types.js';
import { one } from '../../platform/projection/fields.js';
import { describeType } from '../../platform/projection/fragments.js';
import { type Projection, rows } from '../../platform/projection/projection.js';
import { NotificationEntity } from './notification.entity.js';

const COLUMNS = columns(NotificationEntity, 'n');

/** Notifications as rows. */
export const NOTIFICATION_ROWS = rows(COLUMNS, (row: NotificationEntity) => row);

describeType(
  'Notification',
  NotificationEntity,
  { alias: 'n', from: 'notification' },
  { booking: one((n, b) => `${b}.id = ${n}.booking_id`) },
);

/** How far a recipient's notifications go. */
export interface InboxState {
  /** The newest sequence; 0 where there is none. */
  readonly lastSequence: number;
  /** Everything up to here is confirmed. */
  readonly ackedSequence: number;
  /** The oldest sequence still stored; null where none is. */
  readonly oldestSequence: number | null;
}

/** A client has everything up to this sequence. */
export interface Confirmed {
  readonly recipientId: string;
  readonly sequence: number;
}

/** What somebody has not confirmed yet. */
export interface Backlog {
  readonly recipientId: string;
  readonly waiting: number;
  /** When the oldest of them was made. */
  readonly since: Date;
}

/** Any constant: whoever holds this advisory lock is the one that removes old notifications. */
const RETENTION_LOCK = 7_266_779;

const EMPTY_INBOX: InboxState = { lastSequence: 0, ackedSequence: 0, oldestSequence: null };

@Injectable()
export class NotificationRepository {
  constructor(private readonly db: Database) {}

  /**
   * Takes the recipient's next sequence and saves the notification under it, in one statement; null and no sequence where
   * the booking is not as the event left it: what was sent just ahead of this found nothing to change.
   */
  async insert(
    sql: Sql,
    id: string,
    { type, recipientId, booking }: BookingEvent,
    message: string,
  ): Promise<NotificationEntity | null> {
    const [row] = await sql.query<NotificationEntity>(
      `WITH counter AS (
         INSERT INTO inbox (recipient_id, last_sequence)
         SELECT $1::uuid, 1 FROM booking WHERE id = $5 AND status = $8 AND version = $6
         ON CONFLICT ON CONSTRAINT inbox_pkey DO UPDATE SET last_sequence = inbox.last_sequence + 1
         RETURNING last_sequence
       )
       INSERT INTO notification AS n (recipient_id, sequence, id, type, message, booking_id, booking_version,
                                      place_id, booking_status, check_in, check_out)
       SELECT $1, last_sequence, $2, $3, $4, $5, $6, $7, $8, $9, $10 FROM counter
       RETURNING ${COLUMNS}`,
      [
        recipientId,
        id,
        type,
        message,
        booking.id,
        booking.version,
        booking.placeId,
        booking.status,
        booking.checkIn,
        booking.checkOut,
      ],
    );
    return row ?? null;
  }

  /** How far each of these recipients is, in their order. */
  async findStates(recipientIds: readonly string[]): Promise<InboxState[]> {
    const rows = await this.db.query<InboxState & { recipientId: string }>(
      `SELECT i.recipient_id AS "recipientId", i.last_sequence AS "lastSequence",
              coalesce(c.acked_sequence, 0) AS "ackedSequence",
              (SELECT min(n.sequence) FROM notification n WHERE n.recipient_id = i.recipient_id) AS "oldestSequence"
       FROM inbox i LEFT JOIN inbox_cursor c ON c.recipient_id = i.recipient_id
       WHERE i.recipient_id = ANY($1)`,
      [recipientIds],
    );
    const states = new Map(rows.map(({ recipientId, ...state }) => [recipientId, state]));
    return recipientIds.map((recipientId) => states.get(recipientId) ?? EMPTY_INBOX);
  }

  /** The newest sequence of each of these recipients that has one. */
  async findLastSequences(recipientIds: readonly string[]): Promise<Map<string, number>> {
    const rows = await this.db.query<{ recipientId: string; lastSequence: number }>(
      `SELECT recipient_id AS "recipientId", last_sequence AS "lastSequence" FROM inbox WHERE recipient_id = ANY($1)`,
      [recipientIds],
    );
    return new Map(rows.map(({ recipientId, lastSequence }) => [recipientId, lastSequence]));
  }

  /** The next ones to deliver, in order. */
  findAfter(recipientId: string, sequence: number, limit: number): Promise<NotificationEntity[]> {
    return this.db.query(
      `SELECT ${COLUMNS} FROM notification n
       WHERE n.recipient_id = $1 AND n.sequence > $2 ORDER BY n.sequence LIMIT $3`,
      [recipientId, sequence, limit],
    );
  }

  /** Moves each recipient's cursor up to the sequence, never down and never past the newest; marks what it passed delivered. */
  async acknowledge(confirmed: readonly Confirmed[]): Promise<void> {
    await this.db.query(
      `WITH confirmed AS (
         SELECT recipient_id, max(sequence) AS sequence FROM unnest($1::uuid[], $2::bigint[]) AS c (recipient_id, sequence)
         WHERE sequence > 0 GROUP BY recipient_id
       ), moved AS (
         INSERT INTO inbox_cursor (recipient_id, acked_sequence)
         SELECT i.recipient_id, least(c.sequence, i.last_sequence)
         FROM confirmed c JOIN inbox i ON i.recipient_id = c.recipient_id ORDER BY i.recipient_id
         ON CONFLICT ON CONSTRAINT inbox_cursor_pkey DO UPDATE SET acked_sequence = excluded.acked_sequence
           WHERE inbox_cursor.acked_sequence < excluded.acked_sequence
         RETURNING recipient_id, acked_sequence
       ), passed AS (
         SELECT n.recipient_id, n.sequence
         FROM moved JOIN notification n ON n.recipient_id = moved.recipient_id AND n.sequence <= moved.acked_sequence
         WHERE n.delivered_at IS NULL
         ORDER BY n.recipient_id, n.sequence FOR NO KEY UPDATE OF n
       )
       UPDATE notification n SET delivered_at = now() FROM passed
       WHERE n.recipient_id = passed.recipient_id AND n.sequence = passed.sequence`,
      [confirmed.map(({ recipientId }) => recipientId), confirmed.map(({ sequence }) => sequence)],
    );
  }

  /** Recipients with something unconfirmed, by id, from after `afterId` on; one index probe each. */
  async findWaiting(afterId: string, limit: number): Promise<string[]> {
    const rows = await this.db.query<{ id: string }>(
      `WITH RECURSIVE waiting (id) AS (
         (SELECT recipient_id FROM notification
          WHERE delivered_at IS NULL AND recipient_id > $1 ORDER BY recipient_id LIMIT 1)
         UNION ALL
         SELECT (SELECT n.recipient_id FROM notification n
                 WHERE n.delivered_at IS NULL AND n.recipient_id > w.id ORDER BY n.recipient_id LIMIT 1)
         FROM waiting w WHERE w.id IS NOT NULL
       )
       SELECT id FROM waiting WHERE id IS NOT NULL LIMIT $2`,
      [afterId, limit],
    );
    return rows.map(({ id }) => id);
  }

  /** Those of the recipients who have confirmed everything. */
  async findServed(recipientIds: readonly string[]): Promise<string[]> {
    const rows = await this.db.query<{ id: string }>(
      `SELECT i.recipient_id AS id
       FROM inbox i JOIN inbox_cursor c ON c.recipient_id = i.recipient_id AND c.acked_sequence >= i.last_sequence
       WHERE i.recipient_id = ANY($1)`,
      [recipientIds],
    );
    return rows.map(({ id }) => id);
  }

  /** Recipients with something unconfirmed, and how much that is; most first. */
  async findBacklogs(limit: number): Promise<Backlog[]> {
    return this.db.query(
      `SELECT recipient_id AS "recipientId", count(*) AS waiting, min(created_at) AS since
       FROM notification WHERE delivered_at IS NULL
       GROUP BY recipient_id ORDER BY waiting DESC, recipient_id LIMIT $1`,
      [limit],
    );
  }

  /**
   * Removes up to `limit` notifications that are confirmed and were read more than so many days ago; answers how many.
   * While another instance is at it, none.
   */
  async removeOld(days: number, limit: number): Promise<number> {
    const [row] = await this.db.query<{ count: number }>(
      `WITH turn AS MATERIALIZED (SELECT pg_try_advisory_xact_lock($3) AS taken), old AS (
         SELECT n.recipient_id, n.sequence
         FROM notification n JOIN inbox_cursor c ON c.recipient_id = n.recipient_id AND n.sequence <= c.acked_sequence
         WHERE (SELECT taken FROM turn) AND n.delivered_at IS NOT NULL
           AND n.read_at < now() - make_interval(days => $1)
         ORDER BY n.read_at LIMIT $2 FOR UPDATE OF n SKIP LOCKED
       ), removed AS (
         DELETE FROM notification n USING old
         WHERE n.recipient_id = old.recipient_id AND n.sequence = old.sequence
         RETURNING 1
       )
       SELECT count(*) AS count FROM removed`,
      [days, limit, RETENTION_LOCK],
    );
    return row?.count ?? 0;
  }

  /** Newest first. */
  findPage(
    recipientId: string,
    unreadOnly: boolean,
    { first, after }: PageRequest<number>,
    as: Projection<unknown>,
  ): Promise<Pick<NotificationEntity, 'id' | 'sequence'>[]> {
    const values = as.values();
    const most = `$${values.push(first + 1)}`;
    const conditions = [`n.recipient_id = $${values.push(recipientId)}`];
    if (unreadOnly) conditions.push('n.read_at IS NULL');
    if (after !== null) conditions.push(`n.sequence < $${values.push(after.key)}`);
    return this.db.read(
      `SELECT ${as.columns('n.sequence, n.id')} FROM notification n WHERE ${conditions.join(' AND ')}
       ORDER BY n.sequence DESC LIMIT ${most}`,
      values,
    );
  }

  async countUnread(recipientId: string): Promise<number> {
    const [row] = await this.db.read<{ count: number }>(
      'SELECT count(*) AS count FROM notification WHERE recipient_id = $1 AND read_at IS NULL',
      [recipientId],
    );
    return row?.count ?? 0;
  }

  /** Marks the recipient's own read, all of them where `ids` is null; answers how many became so. */
  async markRead(recipientId: string, ids: readonly string[] | null): Promise<number> {
    const [row] = await this.db.query<{ count: number }>(
      `WITH unread AS (
         SELECT sequence FROM notification
         WHERE recipient_id = $1 AND read_at IS NULL AND ($2::uuid[] IS NULL OR id = ANY($2))
         ORDER BY sequence FOR NO KEY UPDATE
       ), marked AS (
         UPDATE notification n SET read_at = now() FROM unread
         WHERE n.recipient_id = $1 AND n.sequence = unread.sequence
         RETURNING 1
       )
       SELECT count(*) AS count FROM marked`,
      [recipientId, ids],
    );
    return row?.count ?? 0;
  }
}
