// GraphQL types and inputs of notifications.
import { ArgsType, Field, ID, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import { NotificationType } from '../../platform/events/events.js';
import { ConnectionOf, EdgeOf, PageArgs } from '../../platform/graphql/connection.types.js';
import { BooleanField, IdListField } from '../../platform/graphql/input-fields.js';
import { ResponseOf } from '../../platform/graphql/response.types.js';
import { DateTimeScalar, SafeIntScalar } from '../../platform/graphql/scalars.js';

registerEnumType(NotificationType, {
  name: 'NotificationType',
  description: 'What a notification tells of.',
  valuesMap: {
    NEW_BOOKING: { description: 'To the landlord: a tenant asks for a stay.' },
    UPDATE_BOOKING: { description: 'To the landlord: the tenant changed a request.' },
    CANCEL_BOOKING: { description: 'To the other party: a request or booking was called off.' },
    ACTIVATE_BOOKING: { description: 'To the tenant: the landlord accepted.' },
    COMPLETE_BOOKING: { description: 'To the tenant: the stay is completed and can be reviewed.' },
    NEW_REVIEW: { description: 'To the landlord: the tenant wrote a review.' },
  },
});

@ObjectType({ description: 'Something that the caller is told. Live, the same comes over Socket.IO.' })
export class Notification {
  @Field(() => ID, { description: 'Unique; for getting it again.' })
  id!: string;

  bookingId!: string;

  @Field(() => SafeIntScalar, { description: '1, 2, 3 … per recipient, without gaps.' })
  sequence!: number;

  @Field(() => NotificationType, { description: 'What happened.' })
  type!: `${NotificationType}`;

  @Field(() => String, { description: 'For people: one plain sentence, as of the event.' })
  message!: string;

  @Field(() => DateTimeScalar, { description: 'When it was made.' })
  createdAt!: Date;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'When a client of the recipient acknowledged it. null: not yet.',
  })
  deliveredAt!: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it was marked read. null: not yet.' })
  readAt!: Date | null;
}

@ObjectType({ description: 'A notification in a list.' })
export class NotificationEdge extends EdgeOf(() => Notification) {}

@ObjectType({ description: "The caller's notifications, newest first." })
export class NotificationConnection extends ConnectionOf(
  () => Notification,
  () => NotificationEdge,
) {}

@ObjectType({ description: 'Answer with a page of notifications.' })
export class NotificationConnectionResponse extends ResponseOf(() => NotificationConnection, 'The page.') {}

@ObjectType({ description: 'Answer of marking notifications read.' })
export class MarkReadResponse extends ResponseOf(() => Int, 'How many became read.') {}

@ArgsType()
export class GetNotificationsArgs extends PageArgs {
  @BooleanField('true: only those not marked read.', { presence: 'optional', defaultValue: false })
  unreadOnly?: boolean;
}

@ArgsType()
export class MarkNotificationsReadArgs {
  @IdListField("Left out: all of the caller's unread ones. Ids of others' are passed over.", {
    max: 1000,
    presence: 'optional',
  })
  ids?: string[];
}
