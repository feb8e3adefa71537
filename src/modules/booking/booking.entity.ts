// Column mapping of booking.
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Side, Status } from './booking.transitions.js';

@Entity('booking')
export class BookingEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @PrimaryColumn('text')
  status!: Status;

  @Column('uuid', { name: 'place_id' })
  placeId!: string;

  @Column('uuid', { name: 'landlord_id' })
  landlordId!: string;

  @Column('uuid', { name: 'tenant_id' })
  tenantId!: string;

  @Column('date', { name: 'check_in' })
  checkIn!: string;

  @Column('date', { name: 'check_out' })
  checkOut!: string;

  @Column('integer')
  guests!: number;

  @Column('bigint', { name: 'total_amount' })
  totalAmount!: number;

  @Column('char')
  currency!: string;

  @Column('text', { nullable: true })
  note!: string | null;

  @Column('integer')
  version!: number;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'updated_at' })
  updatedAt!: Date;

  @Column('timestamptz', { name: 'activated_at', nullable: true })
  activatedAt!: Date | null;

  @Column('timestamptz', { name: 'completed_at', nullable: true })
  completedAt!: Date | null;

  @Column('timestamptz', { name: 'cancelled_at', nullable: true })
  cancelledAt!: Date | null;

  @Column('text', { name: 'cancelled_by', nullable: true })
  cancelledBy!: Side | 'SYSTEM' | null;

  @Column('text', { name: 'cancellation_reason', nullable: true })
  cancellationReason!: string | null;
}
