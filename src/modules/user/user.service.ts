// The public face of users.
import { Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import type { Sql, Transaction } from '../../platform/database/database.js';
import { AppError } from '../../platform/errors/app-error.js';
import type { Role } from '../../platform/graphql/actor.js';
import { byKey, Loader } from '../../platform/graphql/loader.js';
import type { Json } from '../../platform/projection/json.js';
import type { Asked, Projection } from '../../platform/projection/projection.js';
import { type Credentials, USER_ROWS, UserRepository } from './user.repository.js';
import type { User } from './user.types.js';

@Injectable()
export class UserService {
  /** Users by id. */
  readonly byId = new Loader<string, User>(async (ids) => byKey(await this.users.findByIds(ids), 'id'));

  constructor(private readonly users: UserRepository) {}

  /** @throws AppError UNKNOWN_USER */
  get(id: string): Promise<User> {
    return this.read(id, USER_ROWS);
  }

  /** @throws AppError UNKNOWN_USER */
  show(id: string, asked: Asked): Promise<User | Json> {
    return this.read<User | Json>(id, asked ?? USER_ROWS);
  }

  /** @throws AppError EMAIL_TAKEN */
  async create(
    tx: Transaction,
    user: { role: Role; email: string; passwordHash: string; displayName: string },
  ): Promise<User> {
    const row = await this.users.insert(tx, { ...user, id: uuid() });
    if (row === null)
      throw new AppError('EMAIL_TAKEN', 'Somebody signed up with this e-mail address already.');
    return row;
  }

  /** Of a user who is signed in; null where they are no longer there. */
  findPasswordHash(id: string): Promise<string | null> {
    return this.users.findPasswordHash(id);
  }

  /** Puts one password in the place of another; false where that was replaced in between. */
  replacePassword(sql: Sql, id: string, from: string, to: string): Promise<boolean> {
    return this.users.replacePassword(sql, id, from, to);
  }

  /** @throws AppError UNKNOWN_USER */
  async setDisabled(sql: Sql, id: string, disabled: boolean): Promise<void> {
    if (!(await this.users.setDisabled(sql, id, disabled))) throw unknownUser();
  }

  /** What is needed to check a password, or null for an address that nobody signed up with. */
  findCredentials(email: string): Promise<Credentials | null> {
    return this.users.findCredentials(email);
  }

  /**
   * The user's e-mail address. Who may see it is for the caller to know.
   * @throws Unreadable where what is stored was tampered with
   */
  emailOf(user: User): string {
    return this.users.emailOf(user);
  }

  private async read<Node>(id: string, as: Projection<Node>): Promise<Node> {
    const user = await this.users.find(id, as);
    if (user === null) throw unknownUser();
    return user;
  }
}

function unknownUser(): AppError {
  return new AppError('UNKNOWN_USER', 'There is no user with this id.');
}
