// SQL of reviews.
import { Injectable } from '@nestjs/common';
import { columns } from '../../platform/database/columns.js';
import { Database, type Sql } from '../../platform/database/database.js';
import type { PageRequest } from '../../platform/graphql/connection.types.js';
import { ReviewEntity } from './review.entity.js';

const COLUMNS = columns(ReviewEntity, 'r');

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
    return this.db.query(`SELECT ${COLUMNS} FROM review r WHERE r.booking_id = ANY($1)`, [bookingIds]);
  }

  /** Many pages in one statement, newest first; `index` says of which request a row is. */
  findPages(pages: readonly ReviewPage[]): Promise<(ReviewEntity & { index: number })[]> {
    return this.db.query(
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
