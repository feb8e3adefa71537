import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Cities, groups of copies, and the places themselves. */
export class CreatePlaces1764000000002 implements MigrationInterface {
  name = 'CreatePlaces1764000000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE EXTENSION IF NOT EXISTS pg_trgm;

      CREATE TABLE city (
        id uuid NOT NULL,
        name text NOT NULL,
        folded_name text COLLATE "C" NOT NULL,
        country char(2) NOT NULL,
        time_zone text NOT NULL,
        latitude double precision,
        longitude double precision,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        CONSTRAINT city_pkey PRIMARY KEY (id),
        CONSTRAINT city_name_unique UNIQUE (folded_name, country),
        CONSTRAINT city_position_whole CHECK ((latitude IS NULL) = (longitude IS NULL)),
        CONSTRAINT city_position_range CHECK (latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180)
      );
      CREATE INDEX city_page_index ON city (folded_name, id);
      -- Cities are read far more often than added: no pending list that every search would have to read, too.
      CREATE INDEX city_search_index ON city USING gin (folded_name gin_trgm_ops) WITH (fastupdate = off);
      COMMENT ON COLUMN city.folded_name IS 'name without case, accents and doubled spaces: what makes two names the same';

      -- What copies made together have in common. Its row is the lock for adding copies and for counting reviews.
      CREATE TABLE place_group (
        id uuid NOT NULL,
        owner_id uuid NOT NULL,
        city_id uuid NOT NULL,
        copies integer NOT NULL,
        review_count integer NOT NULL DEFAULT 0,
        rating_sum bigint NOT NULL DEFAULT 0,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        CONSTRAINT place_group_pkey PRIMARY KEY (id),
        CONSTRAINT place_group_whole_unique UNIQUE (id, owner_id, city_id),
        CONSTRAINT place_group_city_fkey FOREIGN KEY (city_id) REFERENCES city (id),
        CONSTRAINT place_group_copies_range CHECK (copies BETWEEN 1 AND 200),
        CONSTRAINT place_group_rating_range CHECK (rating_sum BETWEEN review_count AND 5 * review_count)
      );
      CREATE INDEX place_group_newest_index ON place_group (created_at DESC, id DESC);
      CREATE INDEX place_group_city_newest_index ON place_group (city_id, created_at DESC, id DESC);
      CREATE INDEX place_group_owner_newest_index ON place_group (owner_id, created_at DESC, id DESC);

      CREATE TABLE place (
        id uuid NOT NULL,
        place_copy_id uuid NOT NULL,
        copy_number integer NOT NULL,
        owner_id uuid NOT NULL,
        owner_role user_role NOT NULL DEFAULT 'LANDLORD',
        city_id uuid NOT NULL,
        title text NOT NULL,
        description text NOT NULL,
        address_sealed bytea NOT NULL,
        nightly_amount bigint NOT NULL,
        currency char(3) NOT NULL,
        max_guests integer NOT NULL,
        amenities text[] NOT NULL DEFAULT '{}',
        listed boolean NOT NULL DEFAULT true,
        version integer NOT NULL DEFAULT 1,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        updated_at timestamptz(3) NOT NULL DEFAULT now(),
        CONSTRAINT place_pkey PRIMARY KEY (id),
        CONSTRAINT place_copy_unique UNIQUE (place_copy_id, copy_number),
        CONSTRAINT place_owner_unique UNIQUE (id, owner_id),
        CONSTRAINT place_owner_is_landlord CHECK (owner_role = 'LANDLORD'),
        CONSTRAINT place_owner_fkey FOREIGN KEY (owner_id, owner_role) REFERENCES users (id, role),
        CONSTRAINT place_group_fkey FOREIGN KEY (place_copy_id, owner_id, city_id)
          REFERENCES place_group (id, owner_id, city_id),
        CONSTRAINT place_copy_number_range CHECK (copy_number BETWEEN 1 AND 200),
        CONSTRAINT place_price_range CHECK (nightly_amount BETWEEN 1 AND 1000000000000),
        CONSTRAINT place_guests_range CHECK (max_guests BETWEEN 1 AND 100)
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE place, place_group, city;
      DROP EXTENSION pg_trgm;
    `);
  }
}
