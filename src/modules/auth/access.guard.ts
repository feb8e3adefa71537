// The one guard of all operations. It denies by default: what is not marked public needs a signed-in caller.
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { GqlExecutionContext, type GqlContextType } from '@nestjs/graphql';
import { type GraphQLResolveInfo, OperationTypeNode } from 'graphql';
import { AppError } from '../../platform/errors/app-error.js';
import { type Access, AccessMetadata } from '../../platform/graphql/access.js';
import { type Actor, contextOf } from '../../platform/graphql/actor.js';
import type { RequestContext } from '../../platform/graphql/request-context.js';
import { RateLimits } from '../../platform/limits/rate-limits.js';
import { refusalOf } from './access-tokens.js';
import { AuthService } from './auth.service.js';

const BEARER = /^bearer +(\S+)$/i;

@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly limits: RateLimits,
    private readonly auth: AuthService,
  ) {}

  /** @throws AppError RATE_LIMITED, NOT_SIGNED_IN, SESSION_EXPIRED, WRONG_ROLE */
  async canActivate(execution: ExecutionContext): Promise<boolean> {
    const targets = [execution.getHandler(), execution.getClass()];
    const access = (this.reflector.getAllAndOverride(AccessMetadata, targets) as Access | undefined) ?? {};
    if (execution.getType<GqlContextType>() !== 'graphql') return access.public === true;
    const context = contextOf(execution);
    await this.limits.takeAddress('LIMIT_OPERATIONS_ADDRESS', context.address);
    const viewer = access.ignoreToken ? null : this.identify(context);
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

  /** null where nobody says who they are. @throws AppError NOT_SIGNED_IN, SESSION_EXPIRED */
  private identify({ req }: RequestContext): Actor | null {
    const { authorization } = req.headers;
    if (authorization === undefined) return null;
    const token = BEARER.exec(authorization)?.[1];
    if (token === undefined) throw refusalOf();
    return this.auth.checkAccessToken(token).actor;
  }
}

function isMutation(execution: ExecutionContext): boolean {
  return (
    GqlExecutionContext.create(execution).getInfo<GraphQLResolveInfo>().operation.operation ===
    OperationTypeNode.MUTATION
  );
}
