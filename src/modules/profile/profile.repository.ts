// SQL of profiles.
import { Injectable } from '@nestjs/common';
import { Vault } from '../../platform/crypto/vault.js';
import { assignments, columns } from '../../platform/database/columns.js';
import { Database } from '../../platform/database/database.js';
import { type Actor, Role } from '../../platform/graphql/actor.js';
import type { PageRequest } from '../../platform/graphql/connection.types.js';
import { one, sealed } from '../../platform/projection/fields.js';
import { describeField, describeType } from '../../platform/projection/fragments.js';
import { type Projection, rows } from '../../platform/projection/projection.js';
import { ProfileEntity } from './profile.entity.js';

const COLUMNS = columns(ProfileEntity, 'f');

/** Profiles as rows. */
export const PROFILE_ROWS = rows(COLUMNS, (row: ProfileEntity) => row);

/** Whether the two have an ACTIVE booking together, whichever of them stays. */
const meet = (one: string, other: string) => `EXISTS (
  SELECT FROM booking b WHERE b.status = 'ACTIVE' AND b.tenant_id = ${one} AND b.landlord_id = ${other})`;

describeType(
  'Profile',
  ProfileEntity,
  { alias: 'f', from: 'profile' },
  {
    owner: one((f, u) => `${u}.id = ${f}.owner_id AND ${u}.role = ${f}.owner_role`),
    phone: sealed(
      'phone',
      (f) => ({ row: `${f}.owner_id`, bytes: `${f}.phone_sealed` }),
      (f, viewer) => {
        const owner = `${f}.owner_id`;
        return `(${owner} = ${viewer} OR ${meet(owner, viewer)} OR ${meet(viewer, owner)})`;
      },
    ),
  },
);

describeField(
  'User',
  'profile',
  one((u, f) => `${f}.owner_id = ${u}.id`),
);

export interface NewProfile {
  id: string;
  fullName: string;
  bio: string | null;
  avatarUrl: string | null;
  languages: string[];
  phone: string | null;
}

/** What is undefined stays as it is. */
export type ProfileChanges = Partial<Omit<NewProfile, 'id'>>;

@Injectable()
export class ProfileRepository {
  constructor(
    private readonly db: Database,
    private readonly vault: Vault,
  ) {}

  /** The new profile, or null where the owner has one. */
  async insert(owner: Actor, profile: NewProfile): Promise<ProfileEntity | null> {
    const { id, fullName, bio, avatarUrl, languages, phone } = profile;
    const [row] = await this.db.query<ProfileEntity>(
      `INSERT INTO profile AS f (id, owner_id, owner_role, full_name, bio, avatar_url, languages, phone_sealed)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
       ON CONFLICT ON CONSTRAINT profile_owner_unique DO NOTHING
       RETURNING ${COLUMNS}`,
      [id, owner.id, owner.role, fullName, bio, avatarUrl, languages, await this.sealed(owner.id, phone)],
    );
    return row ?? null;
  }

  /** The changed profile, or null where the owner has none. */
  async update(ownerId: string, { phone, ...changes }: ProfileChanges): Promise<ProfileEntity | null> {
    const values: unknown[] = [ownerId];
    const stored = {
      ...changes,
      phoneSealed: phone === undefined ? phone : await this.sealed(ownerId, phone),
    };
    const set = [...assignments(ProfileEntity, stored, values), 'updated_at = now()'].join(', ');
    const [row] = await this.db.query<ProfileEntity>(
      `UPDATE profile AS f SET ${set} WHERE f.owner_id = $1 RETURNING ${COLUMNS}`,
      values,
    );
    return row ?? null;
  }

  findByOwners(ownerIds: readonly string[]): Promise<ProfileEntity[]> {
    return this.db.read(`SELECT ${COLUMNS} FROM profile f WHERE f.owner_id = ANY($1)`, [ownerIds]);
  }

  findPage(
    role: Role | undefined,
    { first, after }: PageRequest,
    as: Projection<unknown>,
  ): Promise<Pick<ProfileEntity, 'id' | 'createdAt'>[]> {
    const values = as.values();
    const most = `$${values.push(first + 1)}`;
    const conditions: string[] = [];
    if (role !== undefined) conditions.push(`f.owner_role = $${values.push(role)}`);
    if (after !== null) {
      conditions.push(`(f.created_at, f.id) < ($${values.push(after.key)}, $${values.push(after.id)})`);
    }
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
    return this.db.read(
      `SELECT ${as.columns('f.created_at AS "createdAt", f.id')} FROM profile f ${where}
       ORDER BY f.created_at DESC, f.id DESC LIMIT ${most}`,
      values,
    );
  }

  /** Which of these people have an ACTIVE booking together with the viewer, and so may be called. */
  async findReachable(viewer: Actor, userIds: readonly string[]): Promise<string[]> {
    const [own, other] =
      viewer.role === Role.TENANT ? ['tenant_id', 'landlord_id'] : ['landlord_id', 'tenant_id'];
    const reachable = await this.db.read<{ id: string }>(
      `SELECT DISTINCT b.${other} AS id FROM booking b
       WHERE b.status = 'ACTIVE' AND b.${own} = $1 AND b.${other} = ANY($2)`,
      [viewer.id, userIds],
    );
    return reachable.map(({ id }) => id);
  }

  /**
   * The phone number, or null where there is none.
   * @throws Unreadable
   */
  phoneOf({ ownerId, phoneSealed }: Pick<ProfileEntity, 'ownerId' | 'phoneSealed'>): string | null {
    return phoneSealed === null ? null : this.vault.open('phone', ownerId, phoneSealed);
  }

  private async sealed(ownerId: string, phone: string | null): Promise<Buffer | null> {
    return phone === null ? null : (await this.vault.sealer()).seal('phone', ownerId, phone);
  }
}
