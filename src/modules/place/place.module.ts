// Wires places.
import { Module } from '@nestjs/common';
import { CityModule } from '../city/city.module.js';
import { UserModule } from '../user/user.module.js';
import { PlaceRepository } from './place.repository.js';
import { PlaceResolver } from './place.resolver.js';
import { PlaceService } from './place.service.js';

@Module({
  imports: [CityModule, UserModule],
  providers: [PlaceRepository, PlaceResolver, PlaceService],
  exports: [PlaceService],
})
export class PlaceModule {}
