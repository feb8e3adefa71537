// What seals, finds and opens personal data, once the database has shown that the keys are its own.
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { BadSettings, ENV, type Env } from '../../config/env.js';
import { Database } from '../database/database.js';
import { hasSqlState } from '../database/sql-errors.js';
import { AppError } from '../errors/app-error.js';
import { EmailIndex } from './email-index.js';
import { checkKeys } from './key-check.js';
import type { PersonalData } from './sealed-columns.js';
import { Sealer } from './sealer.js';

/** The migrations have not run yet. */
const NO_SUCH_TABLE = '42P01';

@Injectable()
export class Vault implements OnApplicationBootstrap {
  private readonly sealing: Sealer;
  private readonly emails: EmailIndex;
  private fits = false;

  constructor(
    @Inject(ENV) private readonly env: Env,
    private readonly db: Database,
  ) {
    this.sealing = new Sealer(env.DATA_KEYS);
    this.emails = new EmailIndex(env.EMAIL_INDEX_KEYS);
  }

  /** Refuses to start with wrong keys. Where the database cannot tell yet, the first use of a key asks it. */
  async onApplicationBootstrap(): Promise<void> {
    try {
      await this.mustFit();
    } catch (error) {
      const cannotTell = error instanceof AppError || hasSqlState(error, NO_SUCH_TABLE);
      if (!cannotTell) throw error;
    }
  }

  /** For writing. @throws BadSettings where the keys are not those of the database */
  async sealer(): Promise<Sealer> {
    await this.mustFit();
    return this.sealing;
  }

  /** For finding users. @throws BadSettings where the keys are not those of the database */
  async emailIndex(): Promise<EmailIndex> {
    await this.mustFit();
    return this.emails;
  }

  /**
   * The text that was sealed for this row.
   * @throws Unreadable
   */
  open(kind: PersonalData, rowId: string, sealed: Buffer): string {
    return this.sealing.open(kind, rowId, sealed);
  }

  private async mustFit(): Promise<void> {
    if (this.fits) return;
    const problems = await checkKeys(this.db, this.env);
    if (problems.length > 0) throw new BadSettings(problems);
    this.fits = true;
  }
}
