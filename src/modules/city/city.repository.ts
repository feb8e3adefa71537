// SQL of cities.
import { Injectable } from '@nestjs/common';
import { columns } from '../../platform/database/columns.js';
import { Database } from '../../platform/database/database.js';
import { hasSqlState } from '../../platform/database/sql-errors.js';
import type { PageRequest } from '../../platform/graphql/connection.types.js';
import { describeType } from '../../platform/projection/fragments.js';
import { type Projection, rows } from '../../platform/projection/projection.js';
import { CityEntity } from './city.entity.js';

const COLUMNS = columns(CityEntity, 'c');

/** Cities as rows. */
export const CITY_ROWS = rows(COLUMNS, (row: CityEntity) => row);

describeType('City', CityEntity, { alias: 'c', from: 'city' }, {});

/** invalid_parameter_value: what `AT TIME ZONE` says to a zone that this PostgreSQL does not know. */
const INVALID_PARAMETER = '22023';

@Injectable()
export class CityRepository {
  constructor(private readonly db: Database) {}

  /** The new city, 'exists' where the country has one of that name, or 'unknown zone'. */
  async insert(city: CityEntity): Promise<CityEntity | 'exists' | 'unknown zone'> {
    try {
      const [row] = await this.db.query<CityEntity>(
        `INSERT INTO city AS c (id, name, folded_name, country, time_zone, latitude, longitude)
         SELECT $1, $2, $3, $4, $5::text, $6, $7 WHERE now() AT TIME ZONE $5::text IS NOT NULL
         ON CONFLICT ON CONSTRAINT city_name_unique DO NOTHING
         RETURNING ${COLUMNS}`,
        [city.id, city.name, city.foldedName, city.country, city.timeZone, city.latitude, city.longitude],
      );
      return row ?? 'exists';
    } catch (error) {
      if (hasSqlState(error, INVALID_PARAMETER)) return 'unknown zone';
      throw error;
    }
  }

  /** `search` is folded already. */
  findPage(
    search: string,
    { first, after }: PageRequest<string>,
    as: Projection<unknown>,
  ): Promise<Pick<CityEntity, 'id' | 'foldedName'>[]> {
    const values = as.values();
    const most = `$${values.push(first + 1)}`;
    const conditions: string[] = [];
    if (search !== '') {
      values.push(`%${search.replace(/[\\%_]/g, '\\$&')}%`);
      conditions.push(`c.folded_name LIKE $${values.length}`);
    }
    if (after !== null) {
      values.push(after.key, after.id);
      conditions.push(`(c.folded_name, c.id) > ($${values.length - 1}, $${values.length})`);
    }
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
    return this.db.read(
      `SELECT ${as.columns('c.folded_name AS "foldedName", c.id')} FROM city c ${where}
       ORDER BY c.folded_name, c.id LIMIT ${most}`,
      values,
    );
  }

  findByIds(ids: readonly string[]): Promise<CityEntity[]> {
    return this.db.read(`SELECT ${COLUMNS} FROM city c WHERE c.id = ANY($1)`, [ids]);
  }
}
