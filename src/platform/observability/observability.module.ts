// Wires health, draining, and how the process is doing.
import { Global, Module } from '@nestjs/common';
import { Draining } from './draining.js';
import { HealthController } from './health.controller.js';
import { Vitals } from './vitals.js';

@Global()
@Module({ providers: [Draining, Vitals], exports: [Draining, Vitals] })
export class ObservabilityModule {}

@Module({ controllers: [HealthController] })
export class HealthModule {}
