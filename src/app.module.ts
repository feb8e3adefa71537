// The list of modules.
import { type DynamicModule, Module } from '@nestjs/common';
import { ConfigModule } from './config/config.module.js';
import type { Env } from './config/env.js';
import { AuthModule } from './modules/auth/auth.module.js';
import { BookingModule } from './modules/booking/booking.module.js';
import { CityModule } from './modules/city/city.module.js';
import {
  DeliveryWorkerModule,
  NotificationModule,
  OutboxModule,
  QueueReportModule,
} from './modules/notification/notification.module.js';
import { PlaceModule } from './modules/place/place.module.js';
import { ProfileModule } from './modules/profile/profile.module.js';
import { ReviewModule } from './modules/review/review.module.js';
import { UserModule } from './modules/user/user.module.js';
import { CryptoModule } from './platform/crypto/crypto.module.js';
import { DatabaseModule } from './platform/database/database.module.js';
import { GraphQLModule } from './platform/graphql/graphql.module.js';
import { LimitsModule } from './platform/limits/limits.module.js';
import { HealthModule, ObservabilityModule } from './platform/observability/observability.module.js';
import { QueueModule } from './platform/queue/queue.module.js';
import { RedisModule } from './platform/redis/redis.module.js';

/** The server: HTTP, GraphQL and sockets, and the queue unless a worker runs apart. */
@Module({})
export class AppModule {
  static register(env: Env): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.register(env),
        DatabaseModule,
        CryptoModule,
        RedisModule,
        QueueModule,
        LimitsModule,
        GraphQLModule,
        ObservabilityModule,
        HealthModule,
        UserModule,
        AuthModule,
        CityModule,
        ProfileModule,
        PlaceModule,
        BookingModule,
        ReviewModule,
        OutboxModule,
        NotificationModule,
        ...(env.WORKER === 'inline' ? [DeliveryWorkerModule] : []),
      ],
    };
  }
}

/** The queue alone. */
@Module({})
export class WorkerModule {
  static register(env: Env): DynamicModule {
    return {
      module: WorkerModule,
      imports: [
        ConfigModule.register(env),
        ObservabilityModule,
        DatabaseModule,
        RedisModule,
        QueueModule,
        OutboxModule,
        DeliveryWorkerModule,
      ],
    };
  }
}

/** Nothing but what looks at the queue. */
@Module({})
export class InspectionModule {
  static register(env: Env): DynamicModule {
    return {
      module: InspectionModule,
      imports: [
        ConfigModule.register(env),
        ObservabilityModule,
        DatabaseModule,
        RedisModule,
        QueueModule,
        QueueReportModule,
      ],
    };
  }
}
