// SQL of sessions and refresh tokens. Tokens come in as SHA-256 hashes.
import { Injectable } from '@nestjs/common';
import { Database, type Sql } from '../../platform/database/database.js';
import type { Actor } from '../../platform/graphql/actor.js';

interface NewSession {
  id: string;
  userId: string;
  /** As it was when the password was checked. */
  passwordHash: string;
  tokenHash: Buffer;
  lifetimeDays: number;
}

@Injectable()
export class SessionRepository {
  constructor(private readonly db: Database) {}

  /**
   * Opens a session, and forgets those of the same user that expired. False where the account is disabled, or the
   * password was changed since it was checked: a change that is under way is waited for.
   */
  async insert(
    sql: Sql,
    { id, userId, passwordHash, tokenHash, lifetimeDays }: NewSession,
  ): Promise<boolean> {
    const rows = await sql.query(
      `WITH forgotten AS (DELETE FROM session WHERE user_id = $2 AND expires_at < now()),
       entitled AS (
         SELECT id FROM users WHERE id = $2 AND password_hash = $5 AND disabled_at IS NULL FOR SHARE
       ), opened AS (
         INSERT INTO session (id, user_id, expires_at)
         SELECT $1, id, now() + make_interval(days => $4) FROM entitled
         RETURNING id, expires_at
       )
       INSERT INTO refresh_token (hash, session_id, expires_at) SELECT $3, id, expires_at FROM opened
       RETURNING session_id`,
      [id, userId, tokenHash, lifetimeDays, passwordHash],
    );
    return rows.length > 0;
  }

  /** Ends every session of a user; answers the ids of those that had not ended. */
  async endAll(sql: Sql, userId: string): Promise<string[]> {
    const rows = await sql.query<{ id: string }>(
      'UPDATE session SET revoked_at = now() WHERE user_id = $1 AND revoked_at IS NULL RETURNING id',
      [userId],
    );
    return rows.map(({ id }) => id);
  }

  /** Trades an unused token for a new one; of any number of racing tries one wins. Null for every other. */
  async rotate(usedHash: Buffer, freshHash: Buffer, lifetimeDays: number): Promise<Actor | null> {
    const [row] = await this.db.query<Actor>(
      `WITH used AS (
         UPDATE refresh_token t SET used_at = now()
         FROM session s
         WHERE t.hash = $1 AND t.used_at IS NULL AND t.expires_at > now()
           AND s.id = t.session_id AND s.revoked_at IS NULL
         RETURNING t.session_id, s.user_id
       ), fresh AS (
         INSERT INTO refresh_token (hash, session_id, expires_at)
         SELECT $2, session_id, now() + make_interval(days => $3) FROM used
         RETURNING session_id, expires_at
       ), extended AS (
         UPDATE session s SET expires_at = fresh.expires_at FROM fresh WHERE s.id = fresh.session_id
       )
       SELECT k.id, k.role, used.session_id AS "sessionId" FROM used JOIN user_key k ON k.id = used.user_id`,
      [usedHash, freshHash, lifetimeDays],
    );
    return row ?? null;
  }

  /** Ends the session of a token that was used before; answers its id, or null where it was no replay. */
  async endReplayed(hash: Buffer): Promise<string | null> {
    return this.end('t.hash = $1 AND t.used_at IS NOT NULL', hash);
  }

  /** Ends the session of a token; answers its id, also where it had ended before, or null where the token is unknown. */
  async endByToken(hash: Buffer): Promise<string | null> {
    return this.end('t.hash = $1', hash);
  }

  /** Sessions that were ended within the last so many milliseconds. */
  async findEnded(withinMs: number): Promise<string[]> {
    const rows = await this.db.query<{ id: string }>(
      `SELECT id FROM session WHERE revoked_at > now() - $1 * interval '1 millisecond'`,
      [withinMs],
    );
    return rows.map(({ id }) => id);
  }

  private async end(condition: string, hash: Buffer): Promise<string | null> {
    const [row] = await this.db.query<{ id: string }>(
      `UPDATE session s SET revoked_at = coalesce(s.revoked_at, now())
       FROM refresh_token t
       WHERE ${condition} AND s.id = t.session_id
       RETURNING s.id`,
      [hash],
    );
    return row?.id ?? null;
  }
}
