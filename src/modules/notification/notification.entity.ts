// Column mapping of notification.
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { NotificationType } from '../../platform/events/events.js';

@Entity('notification')
export class NotificationEntity {
  @PrimaryColumn('uuid', { name: 'recipient_id' })
  recipientId!: string;

  @PrimaryColumn('bigint')
  sequence!: number;

  @Column('uuid')
  id!: string;

  @Column('text')
  type!: `${NotificationType}`;

  @Column('text')
  message!: string;

  @Column('uuid', { name: 'booking_id' })
  bookingId!: string;

  @Column('integer', { name: 'booking_version' })
  bookingVersion!: number;

  @Column('uuid', { name: 'place_id' })
  placeId!: string;

  @Column('text', { name: 'booking_status' })
  bookingStatus!: string;

  @Column('date', { name: 'check_in' })
  checkIn!: string;

  @Column('date', { name: 'check_out' })
  checkOut!: string;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'delivered_at', nullable: true })
  deliveredAt!: Date | null;

  @Column('timestamptz', { name: 'read_at', nullable: true })
  readAt!: Date | null;
}
