// The scalars of the contract. Input is checked by graphql-scalars; output comes from typed columns and goes as it is.
import { type ASTNode, GraphQLError, GraphQLScalarType } from 'graphql';
import { GraphQLDateTimeISO, GraphQLLocalDate, GraphQLSafeInt } from 'graphql-scalars';

/** PostgreSQL's calendar, like ISO 8601's in common use, has no year 0. */
function inCalendar(value: string, node?: ASTNode): string {
  if (value.startsWith('0000'))
    throw new GraphQLError(`Value is not a valid LocalDate: ${value}`, { nodes: node });
  return value;
}

/** A calendar date without time zone, as text. */
export type LocalDate = string;

export const LocalDateScalar = new GraphQLScalarType<LocalDate, LocalDate>({
  ...GraphQLLocalDate.toConfig(),
  description: 'Calendar date without time zone, YYYY-MM-DD.',
  serialize: (value) => value as LocalDate,
  parseValue: (value) => inCalendar(GraphQLLocalDate.parseValue(value)),
  parseLiteral: (node, variables) => inCalendar(GraphQLLocalDate.parseLiteral(node, variables), node),
});

export const DateTimeScalar = new GraphQLScalarType<Date, string>({
  ...GraphQLDateTimeISO.toConfig(),
  name: 'DateTime',
  description: 'Instant, RFC 3339 in UTC.',
  serialize: (value) => (value as Date).toISOString(),
});

export const SafeIntScalar = new GraphQLScalarType({
  ...GraphQLSafeInt.toConfig(),
  specifiedByURL: null,
  description: 'Integer up to 2^53 - 1.',
  serialize: (value) => value as number,
});
