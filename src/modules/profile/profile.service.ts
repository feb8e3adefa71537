// The public face of profiles.
import { Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { AppError } from '../../platform/errors/app-error.js';
import type { Actor } from '../../platform/graphql/actor.js';
import {
  type Connection,
  newestFirst,
  pageOf,
  toConnection,
} from '../../platform/graphql/connection.types.js';
import { byKey, Loader } from '../../platform/graphql/loader.js';
import type { Json } from '../../platform/projection/json.js';
import type { Asked, Projection } from '../../platform/projection/projection.js';
import { PROFILE_ROWS, ProfileRepository } from './profile.repository.js';
import type { CreateProfileInput, GetProfilesArgs, Profile, UpdateProfileInput } from './profile.types.js';

@Injectable()
export class ProfileService {
  /** Profiles by the id of their owner. */
  readonly byOwner = new Loader<string, Profile>(async (ids) =>
    byKey(await this.profiles.findByOwners(ids), 'ownerId'),
  );

  /** Whether the viewer may call the owner of a profile: true, or undefined. */
  readonly isReachable = new Loader<string, true>(async (ownerIds, viewer) => {
    const reachable = viewer === null ? [] : await this.profiles.findReachable(viewer, ownerIds);
    return new Map(reachable.map((id) => [id, true]));
  });

  constructor(private readonly profiles: ProfileRepository) {}

  /** @throws AppError NOT_YOURS, PROFILE_EXISTS */
  async create(actor: Actor, { ownerId, ...input }: CreateProfileInput): Promise<Profile> {
    mustBeCaller(actor, ownerId);
    const { fullName, bio = null, avatarUrl = null, languages = [], phone = null } = input;
    const profile = await this.profiles.insert(actor, {
      id: uuid(),
      fullName,
      bio,
      avatarUrl,
      languages,
      phone,
    });
    if (profile === null)
      throw new AppError('PROFILE_EXISTS', 'You have a profile already; change it with updateProfile.');
    return profile;
  }

  /** @throws AppError NOT_YOURS, NO_PROFILE */
  async update(actor: Actor, { ownerId, ...changes }: UpdateProfileInput): Promise<Profile> {
    mustBeCaller(actor, ownerId);
    const profile = await this.profiles.update(actor.id, changes);
    if (profile === null)
      throw new AppError('NO_PROFILE', 'You have no profile yet; make one with createProfile.');
    return profile;
  }

  /**
   * The owner's phone number, or null where there is none. Who may see it is for the caller to know.
   * @throws Unreadable where what is stored was tampered with
   */
  phoneOf(profile: Profile): string | null {
    return this.profiles.phoneOf(profile);
  }

  async getPage({ role, ...args }: GetProfilesArgs, asked: Asked): Promise<Connection<Profile | Json>> {
    const as: Projection<Profile | Json> = asked ?? PROFILE_ROWS;
    const page = pageOf(`profiles ${role ?? ''}`, args);
    return toConnection(await this.profiles.findPage(role, page, as), page, newestFirst, as.nodeOf);
  }
}

function mustBeCaller(actor: Actor, ownerId = actor.id): void {
  if (ownerId !== actor.id)
    throw new AppError('NOT_YOURS', 'A profile can only be made and changed by its owner.');
}
