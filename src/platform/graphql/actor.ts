// Who is asking: the caller's identity, as guards establish it and resolvers take it.
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { GqlExecutionContext, registerEnumType } from '@nestjs/graphql';
import type { RequestContext } from './request-context.js';

/** What a user is here for; chosen at sign-up, for good. */
export enum Role {
  LANDLORD = 'LANDLORD',
  TENANT = 'TENANT',
}

registerEnumType(Role, {
  name: 'Role',
  description: 'What a user is here for; chosen at sign-up, for good.',
  valuesMap: {
    LANDLORD: { description: 'Offers places and accepts bookings.' },
    TENANT: { description: 'Asks for bookings and writes reviews.' },
  },
});

/** A signed-in caller, as their access token says. */
export interface Actor {
  readonly id: string;
  readonly role: Role;
  readonly sessionId: string;
}

/** The request that a resolver or guard works for. */
export function contextOf(execution: ExecutionContext): RequestContext {
  return GqlExecutionContext.create(execution).getContext<RequestContext>();
}

/** Resolver parameter: the signed-in caller. Only on operations that are not public. */
export const Caller = createParamDecorator((_: unknown, execution: ExecutionContext): Actor => {
  const { viewer } = contextOf(execution);
  if (viewer === null) throw new Error('@Caller() is only for operations that need a signed-in caller.');
  return viewer;
});

/** Resolver parameter: the caller, or null where nobody is signed in. */
export const Viewer = createParamDecorator(
  (_: unknown, execution: ExecutionContext): Actor | null => contextOf(execution).viewer,
);
