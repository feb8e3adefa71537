// Money, as output and input.
import { Field, InputType, ObjectType } from '@nestjs/graphql';
import { isISO4217CurrencyCode } from 'class-validator';
import { SafeIntField, TextField } from './input-fields.js';
import { SafeIntScalar } from './scalars.js';

@ObjectType({ description: "amount counts the currency's minor unit (cents for USD, whole dong for VND)." })
export class Money {
  @Field(() => SafeIntScalar, { description: "In the currency's minor unit." })
  amount!: number;

  @Field(() => String, { description: 'ISO 4217.' })
  currency!: string;
}

@InputType({ description: "amount counts the currency's minor unit (cents for USD, whole dong for VND)." })
export class MoneyInput {
  @SafeIntField("In the currency's minor unit.", { min: 1, max: 1_000_000_000_000 })
  amount!: number;

  @TextField('ISO 4217, in capitals: USD, VND.', {
    max: 3,
    format: {
      test: (text) => text === text.toUpperCase() && isISO4217CurrencyCode(text),
      message: 'Must be a currency code of ISO 4217, such as USD.',
    },
  })
  currency!: string;
}
