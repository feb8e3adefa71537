// Column lists from the entities, so that a column's name is written down once.
import { getMetadataArgsStorage } from 'typeorm';

type EntityClass<Row> = abstract new () => Row;

/**
 * The entity's columns as a SELECT list that yields its property names:
 * `columns(CityEntity, 'c')` is `c.id AS "id", c.time_zone AS "timeZone", …`. Columns with `select: false` are left out.
 */
export function columns<Row>(entity: EntityClass<Row>, alias: string): string {
  return columnsOf(entity)
    .map(({ property, column }) => `${alias}.${column} AS "${property}"`)
    .join(', ');
}

/** What {@link columns} lists. */
export function columnsOf<Row>(entity: EntityClass<Row>): readonly Column[] {
  return allColumnsOf(entity).filter(({ isListed }) => isListed);
}

/**
 * The SET list for the given changes, with their values appended to `values`; what is undefined stays as it is.
 * `assignments(CityEntity, { name: 'Hue' }, values)` is `name = $2` where `values` held one value before.
 */
export function assignments<Row>(
  entity: EntityClass<Row>,
  changes: Partial<Row>,
  values: unknown[],
): string[] {
  return allColumnsOf(entity).flatMap(({ property, column }) => {
    const value = changes[property as keyof Row];
    return value === undefined ? [] : [`${column} = $${values.push(value)}`];
  });
}

interface Column {
  readonly property: string;
  readonly column: string;
  readonly type: unknown;
  readonly isListed: boolean;
}

const known = new Map<unknown, readonly Column[]>();

/** TypeORM looks through the columns of all entities each time. */
function allColumnsOf<Row>(entity: EntityClass<Row>): readonly Column[] {
  const columns =
    known.get(entity) ??
    getMetadataArgsStorage()
      .filterColumns(entity)
      .map(({ propertyName: property, options: { name: column = property, type, select } }) => ({
        property,
        column,
        type,
        isListed: select !== false,
      }));
  known.set(entity, columns);
  return columns;
}

/** Every class decorated with @Entity that is loaded. */
export function entityClasses(): EntityClass<object>[] {
  return getMetadataArgsStorage().tables.map(({ target }) => target as EntityClass<object>);
}
