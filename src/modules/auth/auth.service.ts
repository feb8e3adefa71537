// The public face of signing in: who may, with what, and for how long.
import { createHash, randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { ENV, type Env } from '../../config/env.js';
import { Database, type Sql } from '../../platform/database/database.js';
import { AppError } from '../../platform/errors/app-error.js';
import type { Actor, Role } from '../../platform/graphql/actor.js';
import { UserService } from '../user/user.service.js';
import { AccessTokens, sessionExpired } from './access-tokens.js';
import type { Session, SignInInput, SignUpInput } from './auth.types.js';
import { hashPassword, passwordFits } from './password.js';
import { SessionWatch } from './session-watch.js';
import { SessionRepository } from './session.repository.js';

/** A session and whose it is. */
interface Opened {
  session: Session;
  actor: Actor;
}

@Injectable()
export class AuthService {
  constructor(
    @Inject(ENV) private readonly env: Env,
    private readonly db: Database,
    private readonly users: UserService,
    private readonly sessions: SessionRepository,
    private readonly tokens: AccessTokens,
    private readonly watch: SessionWatch,
  ) {}

  /** @throws AppError EMAIL_TAKEN */
  async signUp({ email, password, role, displayName }: SignUpInput): Promise<Opened> {
    const passwordHash = await hashPassword(password);
    const { actor, refreshToken, user } = await this.db.transaction(async (tx) => {
      const user = await this.users.create(tx, { email, passwordHash, role, displayName });
      return { ...(await this.open(tx, user)), user };
    });
    return this.opened(actor, refreshToken, user);
  }

  /** @throws AppError BAD_CREDENTIALS, the same and as slow for an unknown address as for a wrong password */
  async signIn({ email, password }: SignInInput): Promise<Opened> {
    const found = await this.users.findCredentials(email);
    const fits = await passwordFits(found?.passwordHash ?? null, password);
    if (found === null || !fits) {
      throw new AppError('BAD_CREDENTIALS', 'This e-mail address and password do not belong together.');
    }
    const { actor, refreshToken } = await this.open(this.db, found);
    return this.opened(actor, refreshToken, await this.users.get(found.id));
  }

  /** @throws AppError SESSION_EXPIRED for an unknown, expired or used token; a used one ends its whole session */
  async refresh(refreshToken: string): Promise<Opened> {
    const fresh = newToken();
    const actor = await this.sessions.rotate(
      hashOf(refreshToken),
      hashOf(fresh),
      this.env.REFRESH_TOKEN_DAYS,
    );
    if (actor === null) {
      const replayed = await this.sessions.endReplayed(hashOf(refreshToken));
      if (replayed !== null) this.watch.note(replayed);
      throw sessionExpired();
    }
    return this.opened(actor, fresh, await this.users.get(actor.id));
  }

  /** @throws AppError SESSION_EXPIRED for an unknown token */
  async signOut(refreshToken: string): Promise<void> {
    const ended = await this.sessions.endByToken(hashOf(refreshToken));
    if (ended === null) throw sessionExpired();
    this.watch.note(ended);
  }

  /**
   * Who bears this access token, and until when.
   * @throws AppError NOT_SIGNED_IN, SESSION_EXPIRED
   */
  checkAccessToken(token: string): { actor: Actor; expiresAt: Date } {
    const checked = this.tokens.check(token);
    if (this.watch.hasEnded(checked.actor.sessionId)) throw sessionExpired();
    return checked;
  }

  /** Calls `listener` within a second of the end of any session. */
  onSessionEnd(listener: (sessionId: string) => void): void {
    this.watch.onEnd(listener);
  }

  private async open(sql: Sql, { id, role }: { id: string; role: Role }) {
    const refreshToken = newToken();
    const sessionId = uuid();
    const lifetimeDays = this.env.REFRESH_TOKEN_DAYS;
    await this.sessions.insert(sql, {
      id: sessionId,
      userId: id,
      tokenHash: hashOf(refreshToken),
      lifetimeDays,
    });
    return { actor: { id, role, sessionId }, refreshToken };
  }

  private opened(actor: Actor, refreshToken: string, user: Session['user']): Opened {
    return { actor, session: { ...this.tokens.issue(actor), refreshToken, user } };
  }
}

/** 256 random bits: hashing them once is enough, there is nothing to guess. */
function newToken(): string {
  return randomBytes(32).toString('base64url');
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
