// Signing in as the documentation of Nest shows it: passport-jwt with the secret as text, a guard, a decorator.
import { createParamDecorator, type ExecutionContext, Injectable } from '@nestjs/common';
import { GqlExecutionContext } from '@nestjs/graphql';
import { AuthGuard, PassportStrategy } from '@nestjs/passport';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { settings } from '../settings.js';
import type { Caller } from '../token.js';

interface Context {
  req: { user: Caller };
}

@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy) {
  constructor() {
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      secretOrKey: settings.secret,
      issuer: 'roost',
      audience: 'roost-api',
    });
  }

  validate({ sub, role }: { sub: string; role: Caller['role'] }): Caller {
    return { id: sub, role };
  }
}

@Injectable()
export class GqlAuthGuard extends AuthGuard('jwt') {
  override getRequest(context: ExecutionContext) {
    return GqlExecutionContext.create(context).getContext<Context>().req;
  }
}

export const CurrentUser = createParamDecorator(
  (_: unknown, context: ExecutionContext) =>
    GqlExecutionContext.create(context).getContext<Context>().req.user,
);
