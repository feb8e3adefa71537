import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What each person is to be told, in order, and how far their clients have confirmed it. */
export class CreateNotifications1764000000005 implements MigrationInterface {
  name = 'CreateNotifications1764000000005';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TYPE notification_type AS ENUM (
        'NEW_BOOKING', 'UPDATE_BOOKING', 'CANCEL_BOOKING', 'ACTIVATE_BOOKING', 'COMPLETE_BOOKING', 'NEW_REVIEW'
      );

      -- The counter that gives sequences without gaps, in commit order. Room is left on its pages because every
      -- notification updates it.
      CREATE TABLE inbox (
        recipient_id uuid NOT NULL,
        last_sequence bigint NOT NULL,
        CONSTRAINT inbox_pkey PRIMARY KEY (recipient_id),
        CONSTRAINT inbox_recipient_fkey FOREIGN KEY (recipient_id) REFERENCES user_key (id),
        CONSTRAINT inbox_last_positive CHECK (last_sequence >= 1)
      ) WITH (fillfactor = 50);

      -- Apart from the counter, so that an acknowledgement never waits for a booking.
      CREATE TABLE inbox_cursor (
        recipient_id uuid NOT NULL,
        acked_sequence bigint NOT NULL,
        CONSTRAINT inbox_cursor_pkey PRIMARY KEY (recipient_id),
        CONSTRAINT inbox_cursor_inbox_fkey FOREIGN KEY (recipient_id) REFERENCES inbox (recipient_id),
        CONSTRAINT inbox_cursor_positive CHECK (acked_sequence >= 1)
      ) WITH (fillfactor = 50);

      CREATE TABLE notification (
        recipient_id uuid NOT NULL,
        sequence bigint NOT NULL,
        id uuid NOT NULL,
        type notification_type NOT NULL,
        message text NOT NULL,
        booking_id uuid NOT NULL,
        booking_version integer NOT NULL,
        place_id uuid NOT NULL,
        booking_status booking_status NOT NULL,
        check_in date NOT NULL,
        check_out date NOT NULL,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        delivered_at timestamptz(3),
        read_at timestamptz(3),
        CONSTRAINT notification_pkey PRIMARY KEY (recipient_id, sequence),
        CONSTRAINT notification_id_unique UNIQUE (id),
        CONSTRAINT notification_once UNIQUE (booking_id, type, recipient_id, booking_version),
        CONSTRAINT notification_inbox_fkey FOREIGN KEY (recipient_id) REFERENCES inbox (recipient_id),
        CONSTRAINT notification_booking_fkey FOREIGN KEY (booking_id) REFERENCES booking_key (id)
      );
      CREATE INDEX notification_unread_index ON notification (recipient_id, sequence) WHERE read_at IS NULL;
      CREATE INDEX notification_undelivered_index ON notification (recipient_id, sequence) WHERE delivered_at IS NULL;
      COMMENT ON COLUMN notification.booking_status IS 'the booking as it was at the event, like place_id and the dates';
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE notification, inbox_cursor, inbox;
      DROP TYPE notification_type;
    `);
  }
}
