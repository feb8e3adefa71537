// Column mapping of users.
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Role } from '../../platform/graphql/actor.js';

@Entity('users')
export class UserEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @PrimaryColumn('text')
  role!: Role;

  @Column('bytea', { name: 'email_sealed' })
  emailSealed!: Buffer;

  @Column('text', { name: 'password_hash', select: false })
  passwordHash!: string;

  @Column('text', { name: 'display_name' })
  displayName!: string;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;
}

/** A user as reads answer them: everything but the password. */
export type UserRow = Omit<UserEntity, 'passwordHash'>;
