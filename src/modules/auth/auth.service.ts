// The public face of signing in: who may, with what, and for how long.
import { createHash, randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { ENV, type Env } from '../../config/env.js';
import { Database, type Sql } from '../../platform/database/database.js';
import { AppError } from '../../platform/errors/app-error.js';
import type { Actor, Role } from '../../platform/graphql/actor.js';
import { RateLimits } from '../../platform/limits/rate-limits.js';
import { UserService } from '../user/user.service.js';
import { AccessTokens, sessionExpired } from './access-tokens.js';
import type { ChangePasswordInput, Session, SignInInput, SignUpInput } from './auth.types.js';
import { Passwords } from './passwords.js';
import { SignInLimits } from './sign-in-limits.js';
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
    private readonly passwords: Passwords,
    private readonly tokens: AccessTokens,
    private readonly watch: SessionWatch,
    private readonly limits: RateLimits,
    private readonly signInLimits: SignInLimits,
  ) {}

  /** @throws AppError EMAIL_TAKEN, RATE_LIMITED */
  async signUp({ email, password, role, displayName }: SignUpInput, address: string): Promise<Opened> {
    await this.limits.takeAddress('LIMIT_SIGN_UP_ADDRESS', address);
    const passwordHash = await this.passwords.hash(password);
    const { actor, refreshToken, user } = await this.db.transaction(async (tx) => {
      const user = await this.users.create(tx, { email, passwordHash, role, displayName });
      const opened = await this.open(tx, { ...user, passwordHash });
      if (opened === null) throw new Error('A user who was just made cannot sign in.');
      return { ...opened, user };
    });
    return this.opened(actor, refreshToken, user);
  }

  /**
   * @throws AppError RATE_LIMITED; BAD_CREDENTIALS, the same and as slow for an unknown or disabled account as for a
   * wrong password
   */
  async signIn({ email, password }: SignInInput, address: string): Promise<Opened> {
    const account = email.toLowerCase();
    await this.signInLimits.take(account, address);
    const opened = await this.enter(email, password);
    if (opened === null) {
      throw new AppError('BAD_CREDENTIALS', 'This e-mail address and password do not belong together.');
    }
    await this.signInLimits.succeeded(account, address);
    return this.opened(opened.actor, opened.refreshToken, await this.users.get(opened.actor.id));
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

  /** Ends every session of the caller, this one included. */
  async signOutEverywhere({ id }: Actor): Promise<void> {
    this.noteAll(await this.sessions.endAll(this.db, id));
  }

  /**
   * Ends every session of the caller and opens a new one.
   * @throws AppError RATE_LIMITED; BAD_CREDENTIALS where the current password is another
   */
  async changePassword(
    { id, role }: Actor,
    { currentPassword, newPassword }: ChangePasswordInput,
    address: string,
  ): Promise<Opened> {
    await this.limits.take('LIMIT_SIGN_IN', id, address);
    const from = await this.users.findPasswordHash(id);
    if (from === null || !(await this.passwords.fits(from, currentPassword))) throw wrongPassword();
    const passwordHash = await this.passwords.hash(newPassword);
    const { actor, refreshToken, ended } = await this.db.transaction(async (tx) => {
      if (!(await this.users.replacePassword(tx, id, from, passwordHash))) throw wrongPassword();
      const ended = await this.sessions.endAll(tx, id);
      const opened = await this.open(tx, { id, role, passwordHash });
      if (opened === null) throw sessionExpired();
      return { ...opened, ended };
    });
    this.noteAll(ended);
    return this.opened(actor, refreshToken, await this.users.get(id));
  }

  /** @throws AppError UNKNOWN_USER where nobody signed up with this address */
  async findUserId(email: string): Promise<string> {
    const found = await this.users.findCredentials(email);
    if (found === null) throw new AppError('UNKNOWN_USER', 'Nobody signed up with this e-mail address.');
    return found.id;
  }

  /**
   * Keeps a user out, and ends their sessions; or lets them in again.
   * @throws AppError UNKNOWN_USER
   */
  async setDisabled(userId: string, disabled: boolean): Promise<void> {
    const ended = await this.db.transaction(async (tx) => {
      await this.users.setDisabled(tx, userId, disabled);
      return disabled ? this.sessions.endAll(tx, userId) : [];
    });
    this.noteAll(ended);
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

  /**
   * A new session for whoever knows the password, else null. Where the stored hash was replaced while the password was
   * being checked (by a better one, or that of another password), the new one is what counts.
   */
  private async enter(
    email: string,
    password: string,
    replaced: string | null = null,
  ): Promise<{ actor: Actor; refreshToken: string } | null> {
    const found = await this.users.findCredentials(email);
    if (replaced !== null && found?.passwordHash === replaced) return null;
    const fits = await this.passwords.fits(found?.passwordHash ?? null, password);
    if (found === null || !fits) return null;
    const opened = await this.open(this.db, found);
    if (opened === null) return this.enter(email, password, found.passwordHash);
    if (this.passwords.isOutdated(found.passwordHash)) {
      // Now is the only time that the password itself is at hand.
      const better = await this.passwords.hash(password);
      await this.users.replacePassword(this.db, found.id, found.passwordHash, better);
    }
    return opened;
  }

  /** A new session; null where the account is disabled, or its password is no longer the one that was checked. */
  private async open(sql: Sql, { id, role, passwordHash }: { id: string; role: Role; passwordHash: string }) {
    const refreshToken = newToken();
    const sessionId = uuid();
    const isOpen = await this.sessions.insert(sql, {
      id: sessionId,
      userId: id,
      passwordHash,
      tokenHash: hashOf(refreshToken),
      lifetimeDays: this.env.REFRESH_TOKEN_DAYS,
    });
    return isOpen ? { actor: { id, role, sessionId }, refreshToken } : null;
  }

  private noteAll(sessionIds: readonly string[]): void {
    for (const id of sessionIds) this.watch.note(id);
  }

  private opened(actor: Actor, refreshToken: string, user: Session['user']): Opened {
    return { actor, session: { ...this.tokens.issue(actor), refreshToken, user } };
  }
}

function wrongPassword(): AppError {
  return new AppError('BAD_CREDENTIALS', 'The current password is another one.');
}

/** 256 random bits: hashing them once is enough, there is nothing to guess. */
function newToken(): string {
  return randomBytes(32).toString('base64url');
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
