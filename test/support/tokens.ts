// Access tokens made by hand: like genuine ones but for what a test changes.
import { createSecretKey } from 'node:crypto';
import { JwtService } from '@nestjs/jwt';
import { JWT_SECRET } from './settings.js';
import type { Person } from './world.js';

export interface Forgery {
  key?: string;
  algorithm?: string;
  expiresIn?: number;
  issuer?: string;
  audience?: string;
  header?: Record<string, unknown>;
  claims?: Record<string, unknown>;
}

/** Header and claims of a token, unchecked. */
export function partsOf(token: string): {
  header: Record<string, unknown>;
  payload: Record<string, unknown>;
} {
  const [header = {}, payload = {}] = token
    .split('.')
    .slice(0, 2)
    .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>);
  return { header, payload };
}

export function signToken(
  { id, role, token }: Person,
  {
    key = JWT_SECRET,
    algorithm = 'HS256',
    expiresIn = 60,
    issuer = 'roost',
    audience = 'roost-api',
    header = {},
    claims = {},
  }: Forgery = {},
): string {
  const { header: genuine, payload } = partsOf(token);
  return new JwtService().sign(
    { sub: id, role, sid: payload.sid, ...claims },
    {
      privateKey: createSecretKey(Buffer.from(key)),
      algorithm: algorithm as 'HS256',
      expiresIn,
      issuer,
      audience,
      header: { ...genuine, alg: algorithm, ...header },
    },
  );
}

/** Part of a token. */
export function b64(value: unknown): string {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
}
