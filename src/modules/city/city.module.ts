// Wires cities.
import { Module } from '@nestjs/common';
import { CityRepository } from './city.repository.js';
import { CityResolver } from './city.resolver.js';
import { CityService } from './city.service.js';

@Module({ providers: [CityRepository, CityResolver, CityService], exports: [CityService] })
export class CityModule {}
