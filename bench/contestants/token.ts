// Access tokens as Roost issues them: signed by the benchmark, checked by contestants that bring no library for it.
import { createHash, createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';

export interface Caller {
  id: string;
  role: 'LANDLORD' | 'TENANT';
}

interface Claims {
  sub: string;
  role: Caller['role'];
  iss: string;
  aud: string;
  exp: number;
}

const ISSUER = 'roost';
const AUDIENCE = 'roost-api';

export class Tokens {
  private readonly key;
  private readonly header: string;

  constructor(secret: string) {
    this.key = createSecretKey(Buffer.from(secret));
    const kid = createHash('sha256').update(`key id of ${secret}`).digest('base64url').slice(0, 11);
    this.header = Buffer.from(JSON.stringify({ alg: 'HS256', typ: 'at+jwt', kid })).toString('base64url');
  }

  sign({ id, role }: Caller, lifetimeSeconds: number): string {
    const claims = {
      sub: id,
      role,
      // Any session that was never ended: only ended ones are looked up.
      sid: id,
      iss: ISSUER,
      aud: AUDIENCE,
      exp: Math.floor(Date.now() / 1000) + lifetimeSeconds,
    };
    const text = `${this.header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`;
    return `${text}.${this.signatureOf(text).toString('base64url')}`;
  }

  /** Who bears the token of an Authorization header; null for a bad one. */
  check(authorization: string | undefined): Caller | null {
    const [header, payload = '', signature = ''] = authorization?.replace('Bearer ', '').split('.') ?? [];
    if (header !== this.header) return null;
    const given = Buffer.from(signature, 'base64url');
    const right = this.signatureOf(`${header}.${payload}`);
    if (given.length !== right.length || !timingSafeEqual(given, right)) return null;
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Claims;
    const { sub, role, iss, aud, exp } = claims;
    const holds = iss === ISSUER && aud === AUDIENCE && exp > Date.now() / 1000;
    return holds ? { id: sub, role } : null;
  }

  private signatureOf(text: string): Buffer {
    return createHmac('sha256', this.key).update(text).digest();
  }
}
