// Passwords: Argon2id with OWASP's parameters or stronger ones. One-way, salted, slow on purpose.
import { hash, type Options, verify } from '@node-rs/argon2';
import { Inject, Injectable } from '@nestjs/common';
import { ENV, type Env } from '../../config/env.js';
import { isWeaker } from './password.rules.js';

/** The library's own name for it is a const enum, which isolated modules cannot read. */
const ARGON2ID = 2 as unknown as NonNullable<Options['algorithm']>;

@Injectable()
export class Passwords {
  private readonly parameters: { memoryCost: number; timeCost: number };
  /** A hash that no password fits: checked where there is no user, so that this takes as long as where there is one. */
  private readonly nobody: Promise<string>;

  constructor(@Inject(ENV) env: Env) {
    this.parameters = { memoryCost: env.PASSWORD_MEMORY_KIB, timeCost: env.PASSWORD_PASSES };
    this.nobody = this.hash(crypto.randomUUID());
  }

  hash(password: string): Promise<string> {
    return hash(password, { ...this.parameters, algorithm: ARGON2ID, parallelism: 1 });
  }

  /** Whether the password fits; `passwordHash` is null where nobody signed up with the address. */
  async fits(passwordHash: string | null, password: string): Promise<boolean> {
    const real = verify(passwordHash ?? (await this.nobody), password);
    // A hash of weaker parameters is quicker to check: that would tell that the address is known.
    const asLong = this.isOutdated(passwordHash) ? verify(await this.nobody, password) : null;
    const [fits] = await Promise.all([real, asLong]);
    return fits && passwordHash !== null;
  }

  /** Whether the hash was made with weaker parameters than today's. */
  isOutdated(passwordHash: string | null): boolean {
    return passwordHash !== null && isWeaker(passwordHash, this.parameters);
  }
}
