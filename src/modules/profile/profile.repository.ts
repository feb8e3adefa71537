// SQL of profiles.
import { Injectable } from '@nestjs/common';
import { Vault } from '../../platform/crypto/vault.js';
import { assignments, columns } from '../../platform/database/columns.js';
import { Database } from '../../platform/database/database.js';
import { type Actor, Role } from '../../platform/graphql/actor.js';
import type { PageRequest } from '../../platform/graphql/connection.types.js';
import { ProfileEntity } from './profile.entity.js';

const COLUMNS = columns(ProfileEntity, 'p');

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
      `INSERT INTO profile AS p (id, owner_id, owner_role, full_name, bio, avatar_url, languages, phone_sealed)
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
      `UPDATE profile AS p SET ${set} WHERE p.owner_id = $1 RETURNING ${COLUMNS}`,
      values,
    );
    return row ?? null;
  }

  findByOwners(ownerIds: readonly string[]): Promise<ProfileEntity[]> {
    return this.db.query(`SELECT ${COLUMNS} FROM profile p WHERE p.owner_id = ANY($1)`, [ownerIds]);
  }

  findPage(role: Role | undefined, { first, after }: PageRequest): Promise<ProfileEntity[]> {
    const values: unknown[] = [first + 1];
    const conditions: string[] = [];
    if (role !== undefined) conditions.push(`p.owner_role = $${values.push(role)}`);
    if (after !== null) {
      conditions.push(`(p.created_at, p.id) < ($${values.push(after.key)}, $${values.push(after.id)})`);
    }
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
    return this.db.query(
      `SELECT ${COLUMNS} FROM profile p ${where} ORDER BY p.created_at DESC, p.id DESC LIMIT $1`,
      values,
    );
  }

  /** Which of these people have an ACTIVE booking together with the viewer, and so may be called. */
  async findReachable(viewer: Actor, userIds: readonly string[]): Promise<string[]> {
    const [own, other] =
      viewer.role === Role.TENANT ? ['tenant_id', 'landlord_id'] : ['landlord_id', 'tenant_id'];
    const rows = await this.db.query<{ id: string }>(
      `SELECT DISTINCT b.${other} AS id FROM booking b
       WHERE b.status = 'ACTIVE' AND b.${own} = $1 AND b.${other} = ANY($2)`,
      [viewer.id, userIds],
    );
    return rows.map(({ id }) => id);
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
