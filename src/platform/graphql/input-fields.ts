// Input fields: one decorator says GraphQL type, description, limits, and what leaving out or null means.
import { applyDecorators, type Type } from '@nestjs/common';
import { Field, Float, ID, Int } from '@nestjs/graphql';
import { ValidateBy, ValidateIf, ValidateNested } from 'class-validator';
import type { FieldProblem } from '../errors/app-error.js';
import { decodeCursor } from './cursor.js';
import { type Presence, rememberShape, type Shape } from './input-shape.js';
import { LocalDateScalar, SafeIntScalar } from './scalars.js';

interface Options {
  presence?: Presence;
}

/** Goes with a check of a list, so that the refused item is named and not only the list. */
export interface ItemContext {
  problemsOf: (value: unknown) => FieldProblem[];
}

interface FieldOptions extends Partial<Shape> {
  defaultValue?: unknown;
  /** Also checked when left out, where this other field is given. */
  requiredWith?: string;
}

function field(
  type: () => unknown,
  description: string,
  { presence = 'required', defaultValue, requiredWith, ...shape }: FieldOptions,
  ...checks: PropertyDecorator[]
): PropertyDecorator {
  const isChecked = (input: Record<string, unknown>, value: unknown) => {
    if (value === undefined) return requiredWith !== undefined && input[requiredWith] !== undefined;
    return value !== null || presence !== 'clearable';
  };
  return applyDecorators(
    Field(type as () => Type<unknown>, { description, nullable: presence !== 'required', defaultValue }),
    ({ constructor }: object, property: string | symbol) => {
      rememberShape(constructor, String(property), { ...shape, presence });
    },
    ValidateIf(isChecked),
    check('notNull', (value) =>
      value === null ? 'Cannot be null. Leave it out to keep it as it is.' : null,
    ),
    ...checks,
  );
}

/** What is wrong with a value, or null; `input` is the object it stands in. */
type Rule<Value, Input = object> = (value: Value, input: Input) => string | null;

function check(name: string, problemOf: Rule<unknown>): PropertyDecorator {
  return ValidateBy({
    name,
    validator: {
      validate: (value, args) => problemOf(value, args?.object ?? {}) === null,
      defaultMessage: (args) => problemOf(args?.value, args?.object ?? {}) ?? '',
    },
  });
}

/** The same for each item of a list. */
function checkItems(max: number, problemOf: (item: unknown) => string | null): PropertyDecorator {
  const problemsOf = (value: unknown): FieldProblem[] => {
    const items = value as unknown[];
    if (items.length > max)
      return [{ path: '', message: `At most ${max} items; these are ${items.length}.` }];
    return items.flatMap((item, index) => {
      const message = problemOf(item);
      return message === null ? [] : [{ path: `.${index}`, message }];
    });
  };
  const context: ItemContext = { problemsOf };
  const validate = (value: unknown) => problemsOf(value).length === 0;
  return ValidateBy({ name: 'items', validator: { validate, defaultMessage: () => 'items' } }, { context });
}

/** What is wrong with a text of `min` to `max` code points, or null. */
function textProblem(value: unknown, min: number, max: number): string | null {
  const text = value as string;
  if (!text.isWellFormed()) return 'Has half of a character in it (a lone surrogate).';
  if (text.includes('\0')) return 'Must not hold a NUL character.';
  const length = Array.from(text).length;
  if (length < min) return min === 1 ? 'Must not be empty.' : `Must have at least ${min} characters.`;
  return length > max ? `Must have at most ${max} characters; this has ${length}.` : null;
}

interface TextOptions extends Options {
  max: number;
  /** Fewest characters; 1 unless the field can be cleared. */
  min?: number;
  /** false: kept to the letter, like a password. */
  trim?: boolean;
  /** A further rule for a text of the right length. */
  format?: { test: (text: string) => boolean; message: string };
}

/** A text. Lengths count code points after trimming. */
export function TextField(description: string, { max, min, trim = true, format, presence }: TextOptions) {
  const least = min ?? (presence === 'required' || presence === 'patch' || presence === undefined ? 1 : 0);
  const length = least > 1 ? `${least} to ${max} characters` : `At most ${max} characters`;
  return field(
    () => String,
    `${description} ${length}${trim ? ' after trimming' : ', never trimmed'}.`,
    { presence, trim },
    check('text', (value) => {
      const problem = textProblem(value, least, max);
      if (problem !== null || format === undefined) return problem;
      return format.test(value as string) ? null : format.message;
    }),
  );
}

/** A list of short texts. */
export function TextListField(
  description: string,
  { max, maxEach, presence }: Options & { max: number; maxEach: number },
) {
  return field(
    () => [String],
    `${description} At most ${max} items of 1 to ${maxEach} characters each.`,
    { presence, trim: true },
    checkItems(max, (item) => textProblem(item, 1, maxEach)),
  );
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function idProblem(value: unknown): string | null {
  return UUID.test(value as string) ? null : 'Not an id: ids look like 01890c5e-6f2a-7c3b-9d4e-0123456789ab.';
}

/** The id of a thing. */
export function IdField(description: string, { presence }: Options = {}) {
  return field(() => ID, description, { presence, trim: true, lower: true }, check('id', idProblem));
}

/** A list of ids. */
export function IdListField(description: string, { max, presence }: Options & { max: number }) {
  const shape = { presence, trim: true, lower: true };
  return field(() => [ID], `${description} At most ${max} ids.`, shape, checkItems(max, idProblem));
}

interface RangeOptions extends Options {
  min: number;
  max: number;
  defaultValue?: number;
  requiredWith?: string;
}

function numberField(type: () => unknown, description: string, { min, max, ...options }: RangeOptions) {
  const inRange = (value: unknown) => typeof value === 'number' && value >= min && value <= max;
  const message = options.requiredWith
    ? `Must be from ${min} to ${max}, and given together with ${options.requiredWith}.`
    : `Must be from ${min} to ${max}.`;
  return field(
    type,
    `${description} ${min} to ${max}.`,
    options,
    check('range', (value) => (inRange(value) ? null : message)),
  );
}

/** A whole number of at most 32 bits. */
export function IntField(description: string, options: RangeOptions) {
  return numberField(() => Int, description, options);
}

/** A whole number up to 2^53 - 1. */
export function SafeIntField(description: string, options: RangeOptions) {
  return numberField(() => SafeIntScalar, description, options);
}

/** A number with a fraction. */
export function FloatField(description: string, options: RangeOptions) {
  return numberField(() => Float, description, options);
}

interface LocalDateOptions<Input> extends Options {
  /** Must be given where this other field is. */
  requiredWith?: string;
  /** A further rule, for what can be told from the input alone. */
  rule?: Rule<string, Input>;
}

/** A calendar date; the scalar has checked its form. */
export function LocalDateField<Input extends object>(
  description: string,
  options: LocalDateOptions<Input> = {},
) {
  const { presence, requiredWith, rule } = options;
  return field(
    () => LocalDateScalar,
    description,
    { presence, requiredWith },
    check('date', (value, input) => {
      if (value === undefined) return `Must be given together with ${requiredWith}.`;
      return rule?.(value as string, input as Input) ?? null;
    }),
  );
}

/** true or false. */
export function BooleanField(description: string, options: Options & { defaultValue?: boolean }) {
  return field(() => Boolean, description, options);
}

/** One of an enum's values; GraphQL has checked it. */
export function EnumField(description: string, type: () => object, { presence }: Options = {}) {
  return field(type, description, { presence });
}

/** An input object within an input object. */
export function NestedField(description: string, type: () => Type<object>, { presence }: Options = {}) {
  return field(type, description, { presence, nested: type }, ValidateNested());
}

/** Where to go on in a list. */
export function CursorField(description: string) {
  return field(
    () => String,
    description,
    { presence: 'optional' },
    check('cursor', (value) => (decodeCursor(value as string) === null ? 'Not a cursor of this API.' : null)),
  );
}
