// Wires users.
import { Module } from '@nestjs/common';
import { UserRepository } from './user.repository.js';
import { UserResolver } from './user.resolver.js';
import { UserService } from './user.service.js';

@Module({ providers: [UserRepository, UserResolver, UserService], exports: [UserService] })
export class UserModule {}
