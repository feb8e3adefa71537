// Wires health and draining.
import { Global, Module } from '@nestjs/common';
import { Draining } from './draining.js';
import { HealthController } from './health.controller.js';

@Global()
@Module({ providers: [Draining], exports: [Draining] })
export class DrainingModule {}

@Module({ controllers: [HealthController] })
export class HealthModule {}
