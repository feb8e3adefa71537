// Passport's way to our access tokens.
import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { ExtractJwt, Strategy } from 'passport-jwt';
import type { Actor } from '../../platform/graphql/actor.js';
import { AccessTokens, sessionExpired } from './access-tokens.js';
import { SessionWatch } from './session-watch.js';

@Injectable()
export class AccessTokenStrategy extends PassportStrategy(Strategy) {
  constructor(
    private readonly tokens: AccessTokens,
    private readonly watch: SessionWatch,
  ) {
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      secretOrKeyProvider: (_: unknown, token: string, done: (error: unknown, key?: never) => void) => {
        try {
          // jsonwebtoken takes a KeyObject, which the strategy's types do not know of.
          done(null, tokens.keyOf(token) as never);
        } catch (error) {
          done(error);
        }
      },
      ...tokens.rules,
    });
  }

  validate(claims: object): Actor {
    const { actor } = this.tokens.read(claims);
    if (this.watch.hasEnded(actor.sessionId)) throw sessionExpired();
    return actor;
  }
}
