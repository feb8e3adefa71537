// Wires signing in, and the guard of every operation.
import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { JwtModule } from '@nestjs/jwt';
import { UserModule } from '../user/user.module.js';
import { AccessGuard } from './access.guard.js';
import { AccessTokens } from './access-tokens.js';
import { AuthResolver } from './auth.resolver.js';
import { AuthService } from './auth.service.js';
import { Passwords } from './passwords.js';
import { SessionRepository } from './session.repository.js';
import { SignInLimits } from './sign-in-limits.js';
import { SessionWatch } from './session-watch.js';

@Module({
  imports: [JwtModule, UserModule],
  providers: [
    AccessTokens,
    AuthResolver,
    AuthService,
    Passwords,
    SessionRepository,
    SessionWatch,
    SignInLimits,
    { provide: APP_GUARD, useClass: AccessGuard },
  ],
  exports: [AuthService],
})
export class AuthModule {}
