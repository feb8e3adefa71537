// What one HTTP request carries through its resolvers.
import type { FastifyRequest } from 'fastify';
import type { Actor } from './actor.js';

/** Apollo and Nest copy contexts property by property, so everything here is a plain property. */
export class RequestContext {
  /** Whose eyes the answer is for; decides every private field. */
  viewer: Actor | null = null;
  loaders = new Map<object, unknown>();
  /** Seconds to wait before the next try; null where nothing was too often. */
  retryAfterSeconds: number | null = null;

  constructor(readonly req: FastifyRequest) {}

  get requestId(): string {
    return this.req.id;
  }

  /** Where the request comes from; what a proxy says of it counts only where TRUSTED_PROXIES names the proxy. */
  get address(): string {
    return this.req.ip;
  }

  /** From here on the answer is for `viewer`; what was loaded for somebody else, or before a change, is forgotten. */
  actAs(viewer: Actor | null): void {
    this.viewer = viewer;
    this.loaders.clear();
  }
}
