// The ordinary Nest template: Express, Apollo, TypeORM repositories. On Roost's schema and data.
import 'reflect-metadata';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { Module, ValidationPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { GraphQLModule } from '@nestjs/graphql';
import { PassportModule } from '@nestjs/passport';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ready, settings } from '../settings.js';
import { JwtStrategy } from './auth.js';
import { BookingService } from './booking.service.js';
import * as entities from './entities.js';
import { BookingResolver, PlaceResolver, ReviewResolver } from './resolvers.js';

const { Money: _, ...tables } = entities;

@Module({
  imports: [
    TypeOrmModule.forRoot({
      type: 'postgres',
      url: settings.databaseUrl,
      poolSize: settings.poolSize,
      entities: Object.values(tables),
      installExtensions: false,
    }),
    TypeOrmModule.forFeature(Object.values(tables)),
    GraphQLModule.forRoot<ApolloDriverConfig>({ driver: ApolloDriver, autoSchemaFile: true }),
    PassportModule,
  ],
  providers: [BookingService, BookingResolver, JwtStrategy, PlaceResolver, ReviewResolver],
})
class AppModule {}

const app = await NestFactory.create<NestExpressApplication>(AppModule);
app.useGlobalPipes(new ValidationPipe());
await app.listen(settings.port, '127.0.0.1');
ready();
