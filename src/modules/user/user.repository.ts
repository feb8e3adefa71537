// SQL of users.
import { Injectable } from '@nestjs/common';
import { columns } from '../../platform/database/columns.js';
import { Database, type Sql } from '../../platform/database/database.js';
import type { Role } from '../../platform/graphql/actor.js';
import { UserEntity, type UserRow } from './user.entity.js';

const COLUMNS = columns(UserEntity, 'u');

export interface NewUser {
  id: string;
  role: Role;
  email: string;
  emailKey: string;
  passwordHash: string;
  displayName: string;
}

export interface Credentials {
  id: string;
  role: Role;
  passwordHash: string;
}

@Injectable()
export class UserRepository {
  constructor(private readonly db: Database) {}

  /** The new user, or null where the e-mail address is taken; of any number of racing sign-ups one wins. */
  async insert(sql: Sql, user: NewUser): Promise<UserRow | null> {
    const [row] = await sql.query<UserRow>(
      `WITH claimed AS (
         INSERT INTO user_key (id, role, email_key) VALUES ($1, $2, $3)
         ON CONFLICT ON CONSTRAINT user_key_email_unique DO NOTHING
         RETURNING id, role, email_key
       )
       INSERT INTO users AS u (id, role, email_key, email, password_hash, display_name)
       SELECT id, role, email_key, $4, $5, $6 FROM claimed
       RETURNING ${COLUMNS}`,
      [user.id, user.role, user.emailKey, user.email, user.passwordHash, user.displayName],
    );
    return row ?? null;
  }

  findByIds(ids: readonly string[]): Promise<UserRow[]> {
    return this.db.query(`SELECT ${COLUMNS} FROM users u WHERE u.id = ANY($1)`, [ids]);
  }

  /** Of a user who is signed in. */
  async findPasswordHash(id: string): Promise<string | null> {
    const [row] = await this.db.query<Pick<Credentials, 'passwordHash'>>(
      'SELECT password_hash AS "passwordHash" FROM users WHERE id = $1',
      [id],
    );
    return row?.passwordHash ?? null;
  }

  /** Puts one password in the place of another; false where that was replaced in between. */
  async replacePassword(sql: Sql, id: string, from: string, to: string): Promise<boolean> {
    const rows = await sql.query(
      'UPDATE users SET password_hash = $3 WHERE id = $1 AND password_hash = $2 RETURNING id',
      [id, from, to],
    );
    return rows.length > 0;
  }

  /** Keeps a user out, or lets them in again; false where there is none. */
  async setDisabled(sql: Sql, id: string, disabled: boolean): Promise<boolean> {
    const rows = await sql.query(
      'UPDATE users SET disabled_at = CASE WHEN $2 THEN coalesce(disabled_at, now()) END WHERE id = $1 RETURNING id',
      [id, disabled],
    );
    return rows.length > 0;
  }

  async findCredentials(emailKey: string): Promise<Credentials | null> {
    const [row] = await this.db.query<Credentials>(
      `SELECT u.id, u.role, u.password_hash AS "passwordHash"
       FROM user_key k JOIN users u ON u.id = k.id AND u.role = k.role
       WHERE k.email_key = $1`,
      [emailKey],
    );
    return row ?? null;
  }
}
