// Column mapping of place.
import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('place')
export class PlaceEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'place_copy_id' })
  placeCopyId!: string;

  @Column('integer', { name: 'copy_number' })
  copyNumber!: number;

  @Column('uuid', { name: 'owner_id' })
  ownerId!: string;

  @Column('uuid', { name: 'city_id' })
  cityId!: string;

  @Column('text')
  title!: string;

  @Column('text')
  description!: string;

  @Column('bytea', { name: 'address_sealed' })
  addressSealed!: Buffer;

  @Column('bigint', { name: 'nightly_amount' })
  nightlyAmount!: number;

  @Column('char')
  currency!: string;

  @Column('integer', { name: 'max_guests' })
  maxGuests!: number;

  @Column('text', { array: true })
  amenities!: string[];

  @Column('boolean')
  listed!: boolean;

  @Column('integer')
  version!: number;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'updated_at' })
  updatedAt!: Date;
}

/** A place with what its copies have in common. */
export interface PlaceRow extends PlaceEntity {
  copies: number;
  reviewCount: number;
  ratingSum: number;
}
