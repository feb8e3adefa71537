import type { MigrationInterface, QueryRunner } from 'typeorm';

/** People, their sessions and their public profiles. */
export class CreateUsers1764000000001 implements MigrationInterface {
  name = 'CreateUsers1764000000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TYPE user_role AS ENUM ('LANDLORD', 'TENANT');

      -- A partitioned table can only be unique per partition. This one makes ids and e-mails unique over both.
      CREATE TABLE user_key (
        id uuid NOT NULL,
        role user_role NOT NULL,
        email_index bytea NOT NULL,
        CONSTRAINT user_key_pkey PRIMARY KEY (id),
        CONSTRAINT user_key_email_unique UNIQUE (email_index),
        CONSTRAINT user_key_role_unique UNIQUE (id, role)
      );
      COMMENT ON COLUMN user_key.email_index IS 'keyed fingerprint of the e-mail address in lower case: HMAC-SHA-256 under a key of EMAIL_INDEX_KEYS';

      CREATE TABLE users (
        id uuid NOT NULL,
        role user_role NOT NULL,
        email_sealed bytea NOT NULL,
        password_hash text NOT NULL,
        display_name text NOT NULL,
        disabled_at timestamptz(3),
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        CONSTRAINT users_pkey PRIMARY KEY (id, role),
        CONSTRAINT users_key_fkey FOREIGN KEY (id, role) REFERENCES user_key (id, role)
      ) PARTITION BY LIST (role);
      COMMENT ON COLUMN users.email_sealed IS 'encrypted under a key of DATA_KEYS, like every column so named';
      CREATE TABLE users_landlord PARTITION OF users FOR VALUES IN ('LANDLORD');
      CREATE TABLE users_tenant PARTITION OF users FOR VALUES IN ('TENANT');

      CREATE TABLE session (
        id uuid NOT NULL,
        user_id uuid NOT NULL,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        expires_at timestamptz(3) NOT NULL,
        revoked_at timestamptz(3),
        CONSTRAINT session_pkey PRIMARY KEY (id),
        CONSTRAINT session_user_fkey FOREIGN KEY (user_id) REFERENCES user_key (id)
      );
      CREATE INDEX session_user_index ON session (user_id);
      CREATE INDEX session_revoked_index ON session (revoked_at) WHERE revoked_at IS NOT NULL;

      CREATE TABLE refresh_token (
        hash bytea NOT NULL,
        session_id uuid NOT NULL,
        expires_at timestamptz(3) NOT NULL,
        used_at timestamptz(3),
        CONSTRAINT refresh_token_pkey PRIMARY KEY (hash),
        CONSTRAINT refresh_token_session_fkey FOREIGN KEY (session_id) REFERENCES session (id) ON DELETE CASCADE
      );
      CREATE INDEX refresh_token_session_index ON refresh_token (session_id);
      COMMENT ON COLUMN refresh_token.hash IS 'SHA-256 of the token; the token itself is never stored';

      CREATE TABLE profile (
        id uuid NOT NULL,
        owner_id uuid NOT NULL,
        owner_role user_role NOT NULL,
        full_name text NOT NULL,
        bio text,
        avatar_url text,
        languages text[] NOT NULL DEFAULT '{}',
        phone_sealed bytea,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        updated_at timestamptz(3) NOT NULL DEFAULT now(),
        CONSTRAINT profile_pkey PRIMARY KEY (id),
        CONSTRAINT profile_owner_unique UNIQUE (owner_id),
        CONSTRAINT profile_owner_fkey FOREIGN KEY (owner_id, owner_role) REFERENCES users (id, role)
      );
      CREATE INDEX profile_newest_index ON profile (created_at DESC, id DESC);
      CREATE INDEX profile_role_newest_index ON profile (owner_role, created_at DESC, id DESC);

      -- Which keys data was written with. A server that has other ones would neither read it nor find anybody.
      CREATE TABLE key_check (
        setting text NOT NULL,
        key_id text NOT NULL,
        proof bytea NOT NULL,
        CONSTRAINT key_check_pkey PRIMARY KEY (setting, key_id)
      );
      COMMENT ON COLUMN key_check.proof IS 'derived from the key, one way';
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE key_check, profile, refresh_token, session, users, user_key;
      DROP TYPE user_role;
    `);
  }
}
