// Answers, pages and inputs of the template.
import type { Type } from '@nestjs/common';
import { Field, ID, InputType, Int, ObjectType } from '@nestjs/graphql';
import { IsDateString, IsInt, IsOptional, IsUUID, Max, Min } from 'class-validator';
import { Booking, Place, Review } from './entities.js';

@ObjectType()
export class PageInfo {
  @Field()
  hasNextPage!: boolean;

  @Field(() => String, { nullable: true })
  endCursor!: string | null;
}

function pageOf<Node>(type: () => Type<Node>) {
  @ObjectType({ isAbstract: true })
  abstract class Page {
    @Field(() => [type()])
    nodes!: Node[];

    @Field(() => PageInfo)
    pageInfo!: PageInfo;
  }
  return Page;
}

function responseOf<Data>(type: () => Type<Data>) {
  @ObjectType({ isAbstract: true })
  abstract class Response {
    @Field()
    status!: string;

    @Field()
    message!: string;

    @Field(() => String, { nullable: true })
    code!: string | null;

    @Field(type, { nullable: true })
    data!: Data | null;
  }
  return Response;
}

@ObjectType()
export class ReviewConnection {
  @Field(() => [Review])
  nodes!: Review[];
}

@ObjectType()
export class PlaceConnection extends pageOf(() => Place) {}

@ObjectType()
export class BookingConnection extends pageOf(() => Booking) {}

@ObjectType()
export class PlaceResponse extends responseOf(() => Place) {}

@ObjectType()
export class PlaceConnectionResponse extends responseOf(() => PlaceConnection) {}

@ObjectType()
export class BookingResponse extends responseOf(() => Booking) {}

@ObjectType()
export class BookingConnectionResponse extends responseOf(() => BookingConnection) {}

@InputType()
export class PlaceFilter {
  @Field(() => ID, { nullable: true })
  @IsOptional()
  @IsUUID()
  cityId?: string;

  @Field(() => Int, { nullable: true })
  @IsOptional()
  @IsInt()
  guests?: number;
}

@InputType()
export class CreatePendingBookingInput {
  @Field(() => ID)
  @IsUUID()
  placeId!: string;

  @Field()
  @IsDateString()
  checkIn!: string;

  @Field()
  @IsDateString()
  checkOut!: string;

  @Field(() => Int)
  @IsInt()
  @Min(1)
  @Max(100)
  guests!: number;
}
