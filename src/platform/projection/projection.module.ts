// Wires the short way of known documents.
import { Global, Module } from '@nestjs/common';
import { DirectRoad } from './direct-road.js';
import { KnownDocuments } from './known-documents.js';

@Global()
@Module({ providers: [DirectRoad, KnownDocuments], exports: [DirectRoad, KnownDocuments] })
export class ProjectionModule {}
