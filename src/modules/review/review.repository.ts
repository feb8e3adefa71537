// SQL of reviews.
import { Injectable } from '@nestjs/common';
import { columns } from '../../platform/database/columns.js';
import { Database, type Sql } from '../../platform/database/database.js';
import { PageArgs, type PageRequest } from '../../platform/graphql/connection.types.js';
import { readInput } from '../../platform/graphql/input.pipe.js';
import { one } from '../../platform/projection/fields.js';
import { describeField, describeType } from '../../platform/projection/fragments.js';
import { newest } from '../../platform/projection/page.js';
import { type Projection, rows } from '../../platform/projection/projection.js';
import { ReviewEntity } from './review.entity.js';

const COLUMNS = columns(ReviewEntity, 'r');

/** Reviews as rows. */
export const REVIEW_ROWS = rows(COLUMNS, (row: ReviewEntity) => row);

describeType(
  'Review',
  ReviewEntity,
  { alias: 'r', from: 'review' },
  {
    place: one((r, p) => `${p}.id = ${r}.place_id`),
    reviewer: one((r, u) => `${u}.id = ${r}.reviewer_id AND ${u}.role = 'TENANT'`),
  },
);

describeField(
  'Booking',
  'review',
  one((b, r) => `${r}.booking_id = ${b}.id`),
);

describeField(
  'Place',
  'reviews',
  newest({
    on: (r, p) => `${r}.place_copy_id = ${p}.place_copy_id`,
    list: (p) => `'reviews ' || ${p}.place_copy_id`,
    read: (args) => readInput(PageArgs, args),
  }),
);

export type NewReview = Omit<ReviewEntity, 'createdAt'>;

/** One page of the reviews of one group of copies. */
export interface ReviewPage {
  placeCopyId: string;
  page: PageRequest;
}

@Injectable()
export class ReviewRepository {
  constructor(private readonly db: Database) {}

  /** The new review, or null where the booking has one. */
  async insert(sql: Sql, review: NewReview): Promise<ReviewEntity | null> {
    const { id, bookingId, placeId, placeCopyId, reviewerId, rating, comment } = review;
    const [row] = await sql.query<ReviewEntity>(
      `INSERT INTO review AS r (id, booking_id, place_id, place_copy_id, reviewer_id, rating, comment)
       VALUES ($1, $2, $3, $4, $5, $6, $7)
       ON CONFLICT ON CONSTRAINT review_booking_unique DO NOTHING
       RETURNING ${COLUMNS}`,
      [id, bookingId, placeId, placeCopyId, reviewerId, rating, comment],
    );
    return row ?? null;
  }

  findByBookings(bookingIds: readonly string[]): Promise<ReviewEntity[]> {
    return this.db.read(`SELECT ${COLUMNS} FROM review r WHERE r.booking_id = ANY($1)`, [bookingIds]);
  }

  findPage(
    { placeCopyId, page: { first, after } }: ReviewPage,
    as: Projection<unknown>,
  ): Promise<Pick<ReviewEntity, 'id' | 'createdAt'>[]> {
    const values = as.values();
    const most = `$${values.push(first + 1)}`;
    const conditions = [`r.place_copy_id = $${values.push(placeCopyId)}`];
    if (after !== null) {
      conditions.push(`(r.created_at, r.id) < ($${values.push(after.key)}, $${values.push(after.id)})`);
    }
    return this.db.read(
      `SELECT ${as.columns('r.created_at AS "createdAt", r.id')} FROM review r WHERE ${conditions.join(' AND ')}
       ORDER BY r.created_at DESC, r.id DESC LIMIT ${most}`,
      values,
    );
  }

  /** Many pages in one statement, newest first; `index` says of which request a row is. */
  findPages(pages: readonly ReviewPage[]): Promise<(ReviewEntity & { index: number })[]> {
    return this.db.read(
      `SELECT wanted.index, r.*
       FROM unnest($1::uuid[], $2::int[], $3::timestamptz[], $4::uuid[]) WITH ORDINALITY
         AS wanted (place_copy_id, first, after_at, after_id, index)
       CROSS JOIN LATERAL (
         SELECT ${COLUMNS} FROM review r
         WHERE r.place_copy_id = wanted.place_copy_id
           AND (r.created_at, r.id) < (coalesce(wanted.after_at, 'infinity'), coalesce(wanted.after_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
         ORDER BY r.created_at DESC, r.id DESC LIMIT wanted.first + 1
       ) r
       ORDER BY wanted.index, r."createdAt" DESC, r.id DESC`,
      [
        pages.map(({ placeCopyId }) => placeCopyId),
        pages.map(({ page }) => page.first),
        pages.map(({ page }) => page.after?.key ?? null),
        pages.map(({ page }) => page.after?.id ?? null),
      ],
    );
  }
}
