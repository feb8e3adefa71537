// Whether this process lives, and whether it can serve.
import { Controller, Get, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Database } from '../database/database.js';
import { Public } from '../graphql/access.js';
import { Draining } from './draining.js';
import { Vitals } from './vitals.js';

@Public()
@Controller('health')
export class HealthController {
  constructor(
    private readonly db: Database,
    private readonly draining: Draining,
    private readonly vitals: Vitals,
  ) {}

  /** 200 as long as the process answers at all. */
  @Get('live')
  live() {
    return { status: 'live' };
  }

  /**
   * 200 once PostgreSQL and its migrations are there, else 503 naming what is missing. Where Redis is away, or the
   * delivery of notifications is behind, it is degraded and says so.
   */
  @Get('ready')
  async ready(@Res({ passthrough: true }) reply: FastifyReply) {
    const missing = this.draining.started ? 'This instance is shutting down' : await this.db.problem();
    if (missing !== null) {
      void reply.status(503);
      return { status: 'not ready', missing: [missing] };
    }
    const degraded = this.vitals.problems();
    return degraded.length === 0 ? { status: 'ready' } : { status: 'degraded', degraded };
  }
}
