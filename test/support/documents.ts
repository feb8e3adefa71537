// Random valid documents, made from the schema itself, with values that their fields would take.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import {
  buildSchema,
  getNamedType,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLObjectType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
} from 'graphql';
import { inDays, type Person } from './world.js';

export const SCHEMA = buildSchema(readFileSync('schema.graphql', 'utf8'));

/** Where values are drawn from. */
export interface Pool {
  ids: string[];
  people: Person[];
}

/** Texts that their fields would take, by name. */
const TEXTS: Record<string, string> = {
  country: 'VN',
  currency: 'USD',
  timeZone: 'Etc/UTC',
  phone: '+4915112345678',
  avatarUrl: 'https://example.com/a.png',
};

/** What must match something that is stored: given at random, it would end most requests at the door. */
const CLAIMS = new Set(['ownerId', 'tenantId', 'reviewerId', 'version', 'after', 'currentPassword']);

/** What the field asks for, so that the code behind the checks is reached. */
function plausible(type: GraphQLInputType, name: string, pool: Pool): fc.Arbitrary<unknown> {
  if (isNonNullType(type)) return plausible(type.ofType, name, pool);
  if (isListType(type)) return fc.array(plausible(type.ofType, name, pool), { maxLength: 4 });
  if (isEnumType(type)) return fc.constantFrom(...type.getValues().map((value) => value.name));
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields()).filter(({ name }) => !CLAIMS.has(name));
    const model = Object.fromEntries(
      fields.map((field) => [field.name, plausible(field.type, field.name, pool)]),
    );
    const requiredKeys = fields.filter((field) => isNonNullType(field.type)).map((field) => field.name);
    return fc.record(model, { requiredKeys });
  }
  switch (getNamedType(type).name) {
    case 'ID':
      return fc.constantFrom(...pool.ids);
    case 'Int':
      return fc.integer({ min: 1, max: 5 });
    case 'SafeInt':
      return fc.integer({ min: 1, max: 100_000 });
    case 'Float':
      return fc.double({ min: -90, max: 90, noNaN: true });
    case 'Boolean':
      return fc.boolean();
    case 'LocalDate':
      return fc.integer({ min: 0, max: 300 }).map(inDays);
    default:
      return textFor(name, pool);
  }
}

function textFor(name: string, { people }: Pool): fc.Arbitrary<string> {
  const known = TEXTS[name];
  if (known !== undefined) return fc.constant(known);
  if (name === 'email')
    return fc.oneof(fc.emailAddress(), fc.constantFrom(...people.map(({ email }) => email)));
  if (/password/i.test(name))
    return fc.constantFrom('long enough a word', ...people.map(({ password }) => password));
  if (name === 'refreshToken') return fc.constantFrom(...people.map(({ refreshToken }) => refreshToken));
  return fc.lorem({ maxCount: 5 });
}

/** A piece of a document, with the variables that it needs. */
export interface Part {
  text: string;
  declared: string[];
  variables: Record<string, unknown>;
}

/** Arguments as variables of their own; names are told apart by where they stand. */
export function argumentsOf(args: readonly GraphQLArgument[], pool: Pool, path: string): fc.Arbitrary<Part> {
  const parts = args.map((argument) =>
    fc
      .tuple(
        isRequiredArgument(argument)
          ? fc.constant(true)
          : fc.nat(9).map((chance) => chance < (CLAIMS.has(argument.name) ? 1 : 5)),
        plausible(argument.type, argument.name, pool),
      )
      .map(([given, value]) => ({ argument, given, value })),
  );
  return fc.tuple(...parts).map((all) => {
    const given = all.filter((part) => part.given);
    const nameOf = ({ name }: GraphQLArgument) => `${path}_${name}`;
    return {
      text:
        given.length === 0
          ? ''
          : `(${given.map(({ argument }) => `${argument.name}: $${nameOf(argument)}`).join(', ')})`,
      declared: given.map(({ argument }) => `$${nameOf(argument)}: ${String(argument.type)}`),
      variables: Object.fromEntries(given.map(({ argument, value }) => [nameOf(argument), value])),
    };
  });
}

/** A field with arguments and, as deep as said, a selection. */
export function fieldOf(
  field: GraphQLField<unknown, unknown>,
  pool: Pool,
  depth: number,
  path: string,
): fc.Arbitrary<Part> {
  const type = getNamedType(field.type);
  const args = argumentsOf(field.args, pool, path);
  if (!isCompositeType(type)) return args.map((part) => ({ ...part, text: `${field.name}${part.text}` }));
  const within = selectionOf(type as GraphQLObjectType, pool, depth - 1, path);
  return fc.tuple(args, within).map(([own, inner]) => ({
    text: `${field.name}${own.text} ${inner.text}`,
    declared: [...own.declared, ...inner.declared],
    variables: { ...own.variables, ...inner.variables },
  }));
}

function selectionOf(type: GraphQLObjectType, pool: Pool, depth: number, path: string): fc.Arbitrary<Part> {
  const fields = Object.values(type.getFields()).filter(
    (field) => depth > 0 || !isObjectType(getNamedType(field.type)),
  );
  return fc.subarray(fields, { maxLength: Math.min(5, fields.length) }).chain((chosen) =>
    fc.tuple(...chosen.map((field) => dressed(field, type, pool, depth, path))).map((parts) => ({
      text: `{ __typename ${parts.map(({ text }) => text).join(' ')} }`,
      declared: parts.flatMap(({ declared }) => declared),
      variables: Object.assign({}, ...parts.map(({ variables }) => variables)) as Record<string, unknown>,
    })),
  );
}

/** A field as it is, under another name, or within a fragment. */
function dressed(
  field: GraphQLField<unknown, unknown>,
  type: GraphQLObjectType,
  pool: Pool,
  depth: number,
  path: string,
): fc.Arbitrary<Part> {
  return fc.tuple(fieldOf(field, pool, depth, `${path}_${field.name}`), fc.nat(9)).map(([part, chance]) => {
    if (chance === 0) return { ...part, text: `other_${field.name}: ${part.text}` };
    return chance === 1 ? { ...part, text: `... on ${type.name} { ${part.text} }` } : part;
  });
}
