// Access tokens: JWTs that say who the bearer is. Signed and checked here, for requests and sockets alike.
import { createSecretKey, type KeyObject } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { isUUID } from 'class-validator';
import { ENV, type Env } from '../../config/env.js';
import { AppError } from '../../platform/errors/app-error.js';
import { type Actor, Role } from '../../platform/graphql/actor.js';

const ALGORITHM = 'HS256';

/** Tells an access token from any other kind of token that may ever be signed with the same key. */
const KIND = 'access';

interface Claims {
  sub?: unknown;
  role?: unknown;
  sid?: unknown;
  kind?: unknown;
  exp?: unknown;
}

@Injectable()
export class AccessTokens {
  /** Made once: with the secret as text, each check would derive the key anew, 40 times the work. */
  readonly key: KeyObject;
  readonly rules: { algorithms: [typeof ALGORITHM]; issuer: string; audience: string };
  private readonly lifetimeMs: number;

  constructor(
    @Inject(ENV) env: Env,
    private readonly jwt: JwtService,
  ) {
    this.key = createSecretKey(Buffer.from(env.JWT_SECRET));
    this.rules = { algorithms: [ALGORITHM], issuer: env.JWT_ISSUER, audience: env.JWT_AUDIENCE };
    this.lifetimeMs = env.ACCESS_TOKEN_SECONDS * 1000;
  }

  /** A token for the actor, and when it ends. */
  issue({ id, role, sessionId }: Actor): { accessToken: string; expiresAt: Date } {
    const exp = Math.floor((Date.now() + this.lifetimeMs) / 1000);
    const accessToken = this.jwt.sign(
      { sub: id, role, sid: sessionId, kind: KIND, exp },
      {
        privateKey: this.key,
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
  check(token: string): { actor: Actor; expiresAt: Date } {
    let claims: Claims;
    try {
      claims = this.jwt.verify<Claims>(token, { publicKey: this.key as never, ...this.rules });
    } catch (error) {
      throw refusalOf(error);
    }
    const actor = actorOf(claims);
    if (actor === null || typeof claims.exp !== 'number') throw refusalOf(null);
    return { actor, expiresAt: new Date(claims.exp * 1000) };
  }
}

/** The actor that verified claims name, or null where they are not an access token's. */
export function actorOf({ sub, role, sid, kind }: Claims): Actor | null {
  const known =
    kind === KIND && isUUID(sub) && isUUID(sid) && (role === Role.LANDLORD || role === Role.TENANT);
  return known ? { id: sub as string, role, sessionId: sid as string } : null;
}

/** What to tell the bearer of a token that did not verify. */
export function refusalOf(error: unknown): AppError {
  if (error instanceof Error && error.name === 'TokenExpiredError') return sessionExpired();
  return new AppError('NOT_SIGNED_IN', 'This access token is not one of ours. Please sign in.');
}

export function sessionExpired(): AppError {
  return new AppError('SESSION_EXPIRED', 'Your session has ended. Please refresh it or sign in again.');
}
