// Column mapping of users.
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Role } from '../../platform/graphql/actor.js';

@Entity('users')
export class UserEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @PrimaryColumn('text')
  role!: Role;

  @Column('text', { name: 'email_key', select: false })
  emailKey!: string;

  @Column('text')
  email!: string;

  @Column('text', { name: 'password_hash', select: false })
  passwordHash!: string;

  @Column('text', { name: 'display_name' })
  displayName!: string;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;
}

/** A user as reads answer them: everything but the secrets. */
export type UserRow = Omit<UserEntity, 'emailKey' | 'passwordHash'>;
