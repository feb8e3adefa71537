// Wires profiles.
import { Module } from '@nestjs/common';
import { UserModule } from '../user/user.module.js';
import { ProfileRepository } from './profile.repository.js';
import { ProfileResolver, UserProfileResolver } from './profile.resolver.js';
import { ProfileService } from './profile.service.js';

@Module({
  imports: [UserModule],
  providers: [ProfileRepository, ProfileResolver, ProfileService, UserProfileResolver],
})
export class ProfileModule {}
