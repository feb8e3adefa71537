// Access tokens: JWTs that say who the bearer is. Signed and checked here, for requests and sockets alike.
import { createHash, createSecretKey, type KeyObject } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { isUUID } from 'class-validator';
import { LRUCache } from 'lru-cache';
import { ENV, type Env } from '../../config/env.js';
import { Clock } from '../../platform/database/clock.js';
import { AppError } from '../../platform/errors/app-error.js';
import { type Actor, Role } from '../../platform/graphql/actor.js';

const ALGORITHM = 'HS256';

/** Tells an access token from any other kind of token that may ever be signed with the same key (RFC 9068). */
const TYPE = 'at+jwt';

/** Tokens whose signature need not be checked again; a bearer sends the same one for its whole life. */
const REMEMBERED = 20_000;

/** Who a token speaks for, and until when. */
export interface Bearer {
  readonly actor: Actor;
  readonly expiresAt: Date;
}

interface Claims {
  sub?: unknown;
  role?: unknown;
  sid?: unknown;
  exp?: unknown;
}

@Injectable()
export class AccessTokens {
  /**
   * By key id: the one that signs, and those before it. Made once: with the secret as text, each check would derive
   * the key anew, 40 times the work.
   */
  private readonly keys: ReadonlyMap<string, KeyObject>;
  private readonly keyId: string;
  private readonly verified = new LRUCache<string, Bearer>({ max: REMEMBERED });
  private readonly rules: {
    algorithms: [typeof ALGORITHM];
    issuer: string;
    audience: string;
    ignoreExpiration: true;
  };
  private readonly lifetimeMs: number;

  constructor(
    @Inject(ENV) env: Env,
    private readonly jwt: JwtService,
    private readonly clock: Clock,
  ) {
    const secrets = [env.JWT_SECRET, ...env.JWT_PREVIOUS_SECRETS];
    this.keys = new Map(secrets.map((secret) => [keyIdOf(secret), createSecretKey(Buffer.from(secret))]));
    this.keyId = keyIdOf(env.JWT_SECRET);
    this.rules = {
      algorithms: [ALGORITHM],
      issuer: env.JWT_ISSUER,
      audience: env.JWT_AUDIENCE,
      // Checked here, by the clock that all instances share.
      ignoreExpiration: true,
    };
    this.lifetimeMs = env.ACCESS_TOKEN_SECONDS * 1000;
  }

  /** A token for the actor, and when it ends. */
  issue({ id, role, sessionId }: Actor): { accessToken: string; expiresAt: Date } {
    const now = this.clock.now();
    const exp = Math.floor((now + this.lifetimeMs) / 1000);
    const accessToken = this.jwt.sign(
      { sub: id, role, sid: sessionId, iat: Math.floor(now / 1000), exp },
      {
        privateKey: this.keys.get(this.keyId) as never,
        keyid: this.keyId,
        header: { alg: ALGORITHM, typ: TYPE },
        algorithm: ALGORITHM,
        issuer: this.rules.issuer,
        audience: this.rules.audience,
      },
    );
    return { accessToken, expiresAt: new Date(exp * 1000) };
  }

  /**
   * Who the bearer is, and until when.
   * @throws AppError NOT_SIGNED_IN for what is not one of our tokens, SESSION_EXPIRED for one that has ended
   */
  check(token: string): Bearer {
    let bearer = this.verified.get(token);
    if (bearer === undefined) {
      bearer = this.verify(token);
      this.verified.set(token, bearer);
    }
    if (bearer.expiresAt.getTime() <= this.clock.now()) throw sessionExpired();
    return bearer;
  }

  /** @throws AppError NOT_SIGNED_IN */
  private verify(token: string): Bearer {
    try {
      const claims = this.jwt.verify<Claims>(token, { publicKey: this.keyOf(token) as never, ...this.rules });
      const { sub, role, sid, exp } = claims;
      const known = isUUID(sub) && isUUID(sid) && (role === Role.LANDLORD || role === Role.TENANT);
      if (!known || typeof exp !== 'number') throw refusalOf();
      return {
        actor: { id: sub as string, role, sessionId: sid as string },
        expiresAt: new Date(exp * 1000),
      };
    } catch {
      throw refusalOf();
    }
  }

  /**
   * The key that a token says it was signed with.
   * @throws AppError NOT_SIGNED_IN for a key that is none of ours, or another kind of token
   */
  private keyOf(token: string): KeyObject {
    const decoded = this.jwt.decode<unknown>(token, { complete: true }) as {
      header: { kid?: string; typ?: string };
    } | null;
    const { kid = '', typ } = decoded?.header ?? {};
    const key = typ === TYPE ? this.keys.get(kid) : undefined;
    if (key === undefined) throw refusalOf();
    return key;
  }
}

/** A short name for a secret that gives nothing of it away. */
function keyIdOf(secret: string): string {
  return createHash('sha256').update(`key id of ${secret}`).digest('base64url').slice(0, 11);
}

/** What to tell whoever sends something else than one of our tokens. */
export function refusalOf(): AppError {
  return new AppError('NOT_SIGNED_IN', 'This access token is not one of ours. Please sign in.');
}

export function sessionExpired(): AppError {
  return new AppError('SESSION_EXPIRED', 'Your session has ended. Please refresh it or sign in again.');
}
