import type { MigrationInterface, QueryRunner } from 'typeorm';

/** One review for a completed booking. */
export class CreateReviews1764000000004 implements MigrationInterface {
  name = 'CreateReviews1764000000004';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE review (
        id uuid NOT NULL,
        booking_id uuid NOT NULL,
        booking_status booking_status NOT NULL DEFAULT 'COMPLETED',
        place_id uuid NOT NULL,
        place_copy_id uuid NOT NULL,
        reviewer_id uuid NOT NULL,
        reviewer_role user_role NOT NULL DEFAULT 'TENANT',
        rating integer NOT NULL,
        comment text NOT NULL,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        CONSTRAINT review_pkey PRIMARY KEY (id),
        CONSTRAINT review_booking_unique UNIQUE (booking_id),
        CONSTRAINT review_of_completed CHECK (booking_status = 'COMPLETED'),
        CONSTRAINT review_booking_fkey FOREIGN KEY (booking_id, booking_status) REFERENCES booking_key (id, status),
        CONSTRAINT review_place_fkey FOREIGN KEY (place_id) REFERENCES place (id),
        CONSTRAINT review_group_fkey FOREIGN KEY (place_copy_id) REFERENCES place_group (id),
        CONSTRAINT review_by_tenant CHECK (reviewer_role = 'TENANT'),
        CONSTRAINT review_reviewer_fkey FOREIGN KEY (reviewer_id, reviewer_role) REFERENCES users (id, role),
        CONSTRAINT review_rating_range CHECK (rating BETWEEN 1 AND 5)
      );
      CREATE INDEX review_group_newest_index ON review (place_copy_id, created_at DESC, id DESC);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE review');
  }
}
