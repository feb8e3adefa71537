import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Bookings, partitioned by status, and what the database itself refuses about them. */
export class CreateBookings1764000000003 implements MigrationInterface {
  name = 'CreateBookings1764000000003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE EXTENSION IF NOT EXISTS btree_gist;
      CREATE TYPE booking_status AS ENUM ('PENDING', 'ACTIVE', 'COMPLETED', 'CANCELLED');
      CREATE TYPE actor AS ENUM ('TENANT', 'LANDLORD', 'SYSTEM');

      -- Makes a booking's id unique over all partitions, and gives other tables something to point at that stays
      -- put while the booking moves. A transition changes both rows in one statement.
      CREATE TABLE booking_key (
        id uuid NOT NULL,
        status booking_status NOT NULL,
        CONSTRAINT booking_key_pkey PRIMARY KEY (id),
        CONSTRAINT booking_key_status_unique UNIQUE (id, status)
      );

      CREATE TABLE booking (
        id uuid NOT NULL,
        status booking_status NOT NULL,
        place_id uuid NOT NULL,
        landlord_id uuid NOT NULL,
        tenant_id uuid NOT NULL,
        tenant_role user_role NOT NULL DEFAULT 'TENANT',
        check_in date NOT NULL,
        check_out date NOT NULL,
        guests integer NOT NULL,
        total_amount bigint NOT NULL,
        currency char(3) NOT NULL,
        note text,
        version integer NOT NULL DEFAULT 1,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        updated_at timestamptz(3) NOT NULL DEFAULT now(),
        activated_at timestamptz(3),
        completed_at timestamptz(3),
        cancelled_at timestamptz(3),
        cancelled_by actor,
        cancellation_reason text,
        CONSTRAINT booking_pkey PRIMARY KEY (id, status),
        CONSTRAINT booking_key_fkey FOREIGN KEY (id, status) REFERENCES booking_key (id, status),
        CONSTRAINT booking_place_fkey FOREIGN KEY (place_id, landlord_id) REFERENCES place (id, owner_id),
        CONSTRAINT booking_tenant_fkey FOREIGN KEY (tenant_id, tenant_role) REFERENCES users (id, role),
        CONSTRAINT booking_tenant_is_tenant CHECK (tenant_role = 'TENANT'),
        CONSTRAINT booking_nights_range CHECK (check_out - check_in BETWEEN 1 AND 365),
        CONSTRAINT booking_guests_range CHECK (guests BETWEEN 1 AND 100),
        CONSTRAINT booking_total_positive CHECK (total_amount > 0),
        CONSTRAINT booking_activated_told CHECK (
          CASE status WHEN 'PENDING' THEN activated_at IS NULL WHEN 'CANCELLED' THEN true ELSE activated_at IS NOT NULL END
        ),
        CONSTRAINT booking_completed_told CHECK ((status = 'COMPLETED') = (completed_at IS NOT NULL)),
        CONSTRAINT booking_cancelled_told CHECK (
          (status = 'CANCELLED') = (cancelled_at IS NOT NULL) AND (status = 'CANCELLED') = (cancelled_by IS NOT NULL)
        )
      ) PARTITION BY LIST (status);
      CREATE TABLE booking_pending PARTITION OF booking FOR VALUES IN ('PENDING');
      CREATE TABLE booking_active PARTITION OF booking FOR VALUES IN ('ACTIVE');
      CREATE TABLE booking_completed PARTITION OF booking FOR VALUES IN ('COMPLETED');
      CREATE TABLE booking_cancelled PARTITION OF booking FOR VALUES IN ('CANCELLED');

      CREATE INDEX booking_tenant_newest_index ON booking (tenant_id, created_at DESC, id DESC);
      CREATE INDEX booking_landlord_newest_index ON booking (landlord_id, created_at DESC, id DESC);
      CREATE INDEX booking_place_newest_index ON booking (place_id, created_at DESC, id DESC);

      -- [checkIn, checkOut): the day of leaving is free for the next guest. Also the index behind every calendar.
      ALTER TABLE booking_active ADD CONSTRAINT booking_active_no_overlap
        EXCLUDE USING gist (place_id WITH =, daterange(check_in, check_out) WITH &&);

      CREATE FUNCTION refuse_change_of_final_booking() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        RAISE EXCEPTION 'booking % is % and never changes again', OLD.id, OLD.status
          USING ERRCODE = 'integrity_constraint_violation';
      END $$;
      CREATE TRIGGER booking_completed_is_final BEFORE UPDATE OR DELETE ON booking_completed
        FOR EACH ROW EXECUTE FUNCTION refuse_change_of_final_booking();
      CREATE TRIGGER booking_cancelled_is_final BEFORE UPDATE OR DELETE ON booking_cancelled
        FOR EACH ROW EXECUTE FUNCTION refuse_change_of_final_booking();

      CREATE TABLE booking_request (
        tenant_id uuid NOT NULL,
        idempotency_key text NOT NULL,
        fingerprint bytea NOT NULL,
        booking_id uuid NOT NULL,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        CONSTRAINT booking_request_pkey PRIMARY KEY (tenant_id, idempotency_key),
        CONSTRAINT booking_request_booking_fkey FOREIGN KEY (booking_id) REFERENCES booking_key (id)
      );
      COMMENT ON COLUMN booking_request.fingerprint IS 'SHA-256 of the input that the key was first used with';
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE booking_request, booking, booking_key;
      DROP FUNCTION refuse_change_of_final_booking();
      DROP TYPE actor, booking_status;
      DROP EXTENSION btree_gist;
    `);
  }
}
