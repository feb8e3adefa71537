// Column mapping of review.
import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('review')
export class ReviewEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'booking_id' })
  bookingId!: string;

  @Column('uuid', { name: 'place_id' })
  placeId!: string;

  @Column('uuid', { name: 'place_copy_id' })
  placeCopyId!: string;

  @Column('uuid', { name: 'reviewer_id' })
  reviewerId!: string;

  @Column('integer')
  rating!: number;

  @Column('text')
  comment!: string;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;
}
