// The one guard of all operations. It denies by default: what is not marked public needs a signed-in caller.
import { type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { GqlExecutionContext, type GqlContextType } from '@nestjs/graphql';
import { AuthGuard } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import { type GraphQLResolveInfo, OperationTypeNode } from 'graphql';
import { AppError } from '../../platform/errors/app-error.js';
import { type Access, AccessMetadata } from '../../platform/graphql/access.js';
import { type Actor, contextOf } from '../../platform/graphql/actor.js';
import type { RequestContext } from '../../platform/graphql/request-context.js';
import { RateLimits } from '../../platform/limits/rate-limits.js';
import { refusalOf } from './access-tokens.js';

@Injectable()
export class AccessGuard extends AuthGuard('jwt') {
  constructor(
    private readonly reflector: Reflector,
    private readonly limits: RateLimits,
  ) {
    super();
  }

  /** @throws AppError RATE_LIMITED, NOT_SIGNED_IN, SESSION_EXPIRED, WRONG_ROLE */
  override async canActivate(execution: ExecutionContext): Promise<boolean> {
    const targets = [execution.getHandler(), execution.getClass()];
    const access = (this.reflector.getAllAndOverride(AccessMetadata, targets) as Access | undefined) ?? {};
    if (execution.getType<GqlContextType>() !== 'graphql') return access.public === true;
    const context = contextOf(execution);
    await this.limits.takeAddress('LIMIT_OPERATIONS_ADDRESS', context.address);
    const viewer = access.ignoreToken ? null : await (context.identity ??= this.identify(execution, context));
    if (viewer !== null) await this.limits.take('LIMIT_OPERATIONS_USER', viewer.id);
    if (isMutation(execution)) context.actAs(viewer);
    else context.viewer = viewer;
    if (access.public) return true;
    if (viewer === null) throw new AppError('NOT_SIGNED_IN', 'Please sign in first.');
    if (access.onlyFor !== undefined && viewer.role !== access.onlyFor) {
      throw new AppError('WRONG_ROLE', `Only a ${access.onlyFor.toLowerCase()} can do this.`);
    }
    return true;
  }

  override getRequest(execution: ExecutionContext): FastifyRequest {
    return contextOf(execution).req;
  }

  getResponse(): object {
    return {};
  }

  override handleRequest<User>(fault: unknown, user: User | false): User {
    if (fault !== null && fault !== undefined) throw fault as Error;
    if (user === false) throw refusalOf();
    return user;
  }

  private async identify(execution: ExecutionContext, { req }: RequestContext): Promise<Actor | null> {
    if (req.headers.authorization === undefined) return null;
    await super.canActivate(execution);
    return (req as FastifyRequest & { user: Actor }).user;
  }
}

function isMutation(execution: ExecutionContext): boolean {
  return (
    GqlExecutionContext.create(execution).getInfo<GraphQLResolveInfo>().operation.operation ===
    OperationTypeNode.MUTATION
  );
}
