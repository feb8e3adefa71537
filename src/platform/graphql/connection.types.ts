// Pages: Relay cursor connections over keyset positions, never OFFSET.
import { ArgsType, Field, ObjectType } from '@nestjs/graphql';
import type { Type } from '@nestjs/common';
import { invalidInput } from '../errors/app-error.js';
import { decodeCursor, encodeCursor, type Position, type SortKey } from './cursor.js';
import { CursorField, IntField } from './input-fields.js';

/** Items on a page where the caller does not say. */
const DEFAULT_FIRST = 20;

@ArgsType()
export class PageArgs {
  @IntField('How many at most.', { min: 1, max: 100, presence: 'optional', defaultValue: DEFAULT_FIRST })
  first?: number;

  @CursorField('The endCursor (or any edge cursor) of the page before; left out: from the start.')
  after?: string;
}

@ObjectType({ description: 'Where a page stands in its list.' })
export class PageInfo {
  @Field(() => Boolean, { description: 'More follows: ask again with after: endCursor.' })
  hasNextPage!: boolean;

  @Field(() => Boolean, { description: 'This is not the first page: after was given.' })
  hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true, description: 'Cursor of the first item. null on an empty page.' })
  startCursor!: string | null;

  @Field(() => String, { nullable: true, description: 'Cursor of the last item. null on an empty page.' })
  endCursor!: string | null;
}

/** A page as connections show it. */
export interface Connection<Node> {
  edges: { cursor: string; node: Node }[];
  nodes: Node[];
  pageInfo: PageInfo;
}

/** One item of a list with its cursor: extend it in a class that bears the contract's name. */
export function EdgeOf<Node>(type: () => Type<Node>): abstract new () => { cursor: string; node: Node } {
  @ObjectType({ isAbstract: true })
  abstract class Edge {
    @Field(() => String, { description: 'Opaque; only good for after of the same list.' })
    cursor!: string;

    @Field(type, { description: 'The item itself.' })
    node!: Node;
  }
  return Edge;
}

/** One page of a list: extend it in a class that bears the contract's name. */
export function ConnectionOf<Node>(
  type: () => Type<Node>,
  edgeType: () => Type<{ cursor: string; node: Node }>,
): abstract new () => Connection<Node> {
  @ObjectType({ isAbstract: true })
  abstract class Page {
    @Field(() => [edgeType()], { description: 'The items, each with its cursor.' })
    edges!: { cursor: string; node: Node }[];

    @Field(() => [type()], { description: 'The items alone.' })
    nodes!: Node[];

    @Field(() => PageInfo, { description: 'Where this page stands in the list.' })
    pageInfo!: PageInfo;
  }
  return Page;
}

/** What a repository needs to read one page: how many, and after what. It reads one row more than `first`. */
export interface PageRequest<Key extends SortKey = Date> {
  readonly list: string;
  readonly first: number;
  readonly after: Position<Key> | null;
}

/**
 * A page request for the named list, sorted by an instant.
 * @throws AppError INVALID_INPUT at after, for a cursor of another list
 */
export function pageOf(list: string, args: PageArgs): PageRequest {
  return read(list, args, (key) => {
    const instant = new Date(key);
    return typeof key === 'number' && !Number.isNaN(instant.getTime()) ? instant : null;
  });
}

/** The same for a list sorted by text. */
export function textPageOf(list: string, args: PageArgs): PageRequest<string> {
  return read(list, args, (key) => (typeof key === 'string' ? key : null));
}

/** The same for a list sorted by a number. */
export function numberPageOf(list: string, args: PageArgs): PageRequest<number> {
  return read(list, args, (key) => (typeof key === 'number' ? key : null));
}

function read<Key extends SortKey>(
  list: string,
  { first = DEFAULT_FIRST, after }: PageArgs,
  keyOf: (key: string | number) => Key | null,
): PageRequest<Key> {
  if (after === undefined) return { list, first, after: null };
  const cursor = decodeCursor(after);
  const key = cursor?.list === list ? keyOf(cursor.key) : null;
  if (cursor === null || key === null) {
    throw invalidInput({ path: 'after', message: 'This cursor comes from another list.' });
  }
  return { list, first, after: { key, id: cursor.id } };
}

/** The connection for the `first + 1` rows that were read. */
export function toConnection<Row, Node, Key extends SortKey>(
  rows: readonly Row[],
  { list, first, after }: PageRequest<Key>,
  positionOf: (row: Row) => Position<Key>,
  toNode: (row: Row) => Node,
): Connection<Node> {
  const shown = rows.slice(0, first);
  const nodes = shown.map((row) => toNode(row));
  const cursorOf = (row: Row | undefined) => (row === undefined ? null : encodeCursor(list, positionOf(row)));
  return {
    nodes,
    // Cursors are made where they are asked for.
    get edges() {
      return shown.map((row, index) => ({ cursor: cursorOf(row) as string, node: nodes[index] as Node }));
    },
    pageInfo: {
      hasNextPage: rows.length > first,
      hasPreviousPage: after !== null,
      get startCursor() {
        return cursorOf(shown[0]);
      },
      get endCursor() {
        return cursorOf(shown.at(-1));
      },
    },
  };
}

/** The usual order: newest first, ties by id. */
export function newestFirst(row: { createdAt: Date; id: string }): Position<Date> {
  return { key: row.createdAt, id: row.id };
}
