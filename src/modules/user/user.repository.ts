// SQL of users.
import { Injectable } from '@nestjs/common';
import { columns } from '../../platform/database/columns.js';
import { Vault } from '../../platform/crypto/vault.js';
import { Database, type Sql, type Transaction } from '../../platform/database/database.js';
import type { Role } from '../../platform/graphql/actor.js';
import { sealed } from '../../platform/projection/fields.js';
import { describeType } from '../../platform/projection/fragments.js';
import { type Projection, rows } from '../../platform/projection/projection.js';
import { UserEntity, type UserRow } from './user.entity.js';

const COLUMNS = columns(UserEntity, 'u');

/** Users as rows. */
export const USER_ROWS = rows(COLUMNS, (row: UserRow) => row);

describeType(
  'User',
  UserEntity,
  { alias: 'u', from: 'users' },
  {
    email: sealed(
      'email',
      (u) => ({ row: `${u}.id`, bytes: `${u}.email_sealed` }),
      (u, viewer) => `${u}.id = ${viewer}`,
    ),
  },
);

export interface NewUser {
  id: string;
  role: Role;
  email: string;
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
  constructor(
    private readonly db: Database,
    private readonly vault: Vault,
  ) {}

  /** The new user, or null where the e-mail address is taken; of any number of racing sign-ups one wins. */
  async insert(
    tx: Transaction,
    { id, role, email, passwordHash, displayName }: NewUser,
  ): Promise<UserRow | null> {
    const [sealer, emails] = await Promise.all([this.vault.sealer(), this.vault.emailIndex()]);
    const [index, ...older] = emails.all(email);
    // While the index moves to a new key, the unique constraint alone does not see what is still under the old one.
    if (older.length > 0 && (await this.isTaken(tx, [index, ...older]))) return null;
    const [row] = await tx.query<UserRow>(
      `WITH claimed AS (
         INSERT INTO user_key (id, role, email_index) VALUES ($1, $2, $3)
         ON CONFLICT ON CONSTRAINT user_key_email_unique DO NOTHING
         RETURNING id, role
       )
       INSERT INTO users AS u (id, role, email_sealed, password_hash, display_name)
       SELECT id, role, $4, $5, $6 FROM claimed
       RETURNING ${COLUMNS}`,
      [id, role, index, sealer.seal('email', id, email), passwordHash, displayName],
    );
    return row ?? null;
  }

  async find<Node>(id: string, as: Projection<Node>): Promise<Node | null> {
    const values = as.values();
    const [row] = await this.db.read(
      `SELECT ${as.columns()} FROM users u WHERE u.id = $${values.push(id)}`,
      values,
    );
    return row === undefined ? null : as.nodeOf(row);
  }

  findByIds(ids: readonly string[]): Promise<UserRow[]> {
    return this.db.read(`SELECT ${COLUMNS} FROM users u WHERE u.id = ANY($1)`, [ids]);
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

  async findCredentials(email: string): Promise<Credentials | null> {
    const emails = await this.vault.emailIndex();
    const [row] = await this.db.query<Credentials>(
      `SELECT u.id, u.role, u.password_hash AS "passwordHash"
       FROM user_key k JOIN users u ON u.id = k.id AND u.role = k.role
       WHERE k.email_index = ANY($1)`,
      [emails.all(email)],
    );
    return row ?? null;
  }

  /** @throws Unreadable */
  emailOf({ id, emailSealed }: Pick<UserRow, 'id' | 'emailSealed'>): string {
    return this.vault.open('email', id, emailSealed);
  }

  /** Sign-ups with the same address take turns here, whichever of the keys each instance holds for the current one. */
  private async isTaken(tx: Transaction, indexes: readonly Buffer[]): Promise<boolean> {
    await tx.query(
      `SELECT pg_advisory_xact_lock(lock) FROM (
         SELECT DISTINCT hashtextextended(encode(i, 'hex'), 0) AS lock FROM unnest($1::bytea[]) AS i ORDER BY 1
       ) AS locks`,
      [indexes],
    );
    const found = await tx.query('SELECT FROM user_key WHERE email_index = ANY($1)', [indexes]);
    return found.length > 0;
  }
}
