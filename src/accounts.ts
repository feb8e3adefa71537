// Keeps somebody out, or lets them in again: `npm run accounts -- disable someone@example.com`.
import { Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { isUUID } from 'class-validator';
import { ConfigModule } from './config/config.module.js';
import { BadSettings, readEnv } from './config/env.js';
import { AuthModule } from './modules/auth/auth.module.js';
import { AuthService } from './modules/auth/auth.service.js';
import { CryptoModule } from './platform/crypto/crypto.module.js';
import { DatabaseModule } from './platform/database/database.module.js';
import { AppError } from './platform/errors/app-error.js';
import { LimitsModule } from './platform/limits/limits.module.js';
import { ObservabilityModule } from './platform/observability/observability.module.js';
import { RedisModule } from './platform/redis/redis.module.js';

const USAGE = 'Usage: npm run accounts -- disable|enable <e-mail address or user id>';

function accountsModule(): Type {
  @Module({
    imports: [
      ConfigModule.register(readEnv()),
      ObservabilityModule,
      DatabaseModule,
      CryptoModule,
      RedisModule,
      LimitsModule,
      AuthModule,
    ],
  })
  class AccountsModule {}
  return AccountsModule;
}

async function run(action = '', who = ''): Promise<string> {
  if (!['disable', 'enable'].includes(action) || who === '') throw new AppError('INVALID_INPUT', USAGE);
  const app = await NestFactory.createApplicationContext(accountsModule(), {
    logger: ['error'],
    abortOnError: false,
  });
  try {
    const auth = app.get(AuthService);
    const id = isUUID(who) ? who : await auth.findUserId(who);
    await auth.setDisabled(id, action === 'disable');
    return action === 'disable'
      ? `${id} is disabled: no session goes on for more than a second, and nobody signs in.`
      : `${id} may sign in again.`;
  } finally {
    await app.close();
  }
}

try {
  console.log(await run(...process.argv.slice(2)));
} catch (error) {
  console.error(error instanceof AppError || error instanceof BadSettings ? error.message : error);
  process.exitCode = 1;
}
