// Who may call an operation. Without any of these: whoever is signed in.
import { Reflector } from '@nestjs/core';
import type { Role } from './actor.js';

export interface Access {
  /** Nobody needs to be signed in; a bad token is refused all the same, unless tokens are ignored. */
  readonly public?: true;
  readonly ignoreToken?: true;
  readonly onlyFor?: Role;
}

export const AccessMetadata = Reflector.createDecorator<Access>();

/** Open to everyone. */
export const Public = () => AccessMetadata({ public: true });

/** Open to everyone, and deaf to the Authorization header: the way in must not depend on a stale token. */
export const IgnoresToken = () => AccessMetadata({ public: true, ignoreToken: true });

/** For signed-in users of one role. */
export const OnlyFor = (role: Role) => AccessMetadata({ onlyFor: role });
