// Bookings with repositories and TypeORM's transactions.
import {
  BadRequestException,
  ConflictException,
  ForbiddenException,
  Injectable,
  NotFoundException,
} from '@nestjs/common';
import { DataSource, type EntityManager, LessThan, MoreThan } from 'typeorm';
import { v7 as uuid } from 'uuid';
import type { Caller } from '../token.js';
import { Booking, BookingKey, City, Notification, Place } from './entities.js';
import type { CreatePendingBookingInput } from './types.js';

const DAY_MS = 86_400_000;

@Injectable()
export class BookingService {
  constructor(private readonly dataSource: DataSource) {}

  async createPending(caller: Caller, input: CreatePendingBookingInput): Promise<Booking> {
    const { manager } = this.dataSource;
    const { placeId, checkIn, checkOut, guests } = input;
    if (caller.role !== 'TENANT') throw new ForbiddenException();
    const place = await manager.findOneBy(Place, { id: placeId });
    if (place === null) throw new NotFoundException();
    const nights = nightsOf(checkIn, checkOut);
    if (
      checkIn < (await this.todayAt(place, manager)) ||
      nights < 1 ||
      nights > 365 ||
      guests > place.maxGuests
    ) {
      throw new BadRequestException();
    }
    if (!place.listed || (await this.isTaken(placeId, checkIn, checkOut, manager)))
      throw new ConflictException();
    const { ownerId: landlordId, nightlyAmount, currency } = place;
    return this.dataSource.transaction(async (tx) => {
      const key = { id: uuid(), status: 'PENDING' };
      await tx.insert(BookingKey, key);
      const totalAmount = nights * nightlyAmount;
      const booking = await tx.save(
        tx.create(Booking, {
          ...{ ...key, placeId, landlordId, tenantId: caller.id },
          ...{ checkIn, checkOut, guests, totalAmount, currency },
        }),
      );
      const people = guests === 1 ? '1 guest' : `${guests} guests`;
      const message = `New request for “${place.title}”: ${checkIn} to ${checkOut}, ${people}.`;
      await this.notify(tx, landlordId, 'NEW_BOOKING', message, booking);
      return booking;
    });
  }

  transition(caller: Caller, id: string, from: string, to: 'ACTIVE' | 'CANCELLED'): Promise<Booking> {
    return this.dataSource.transaction(async (manager) => {
      const found = await manager.findOneBy(Booking, { id });
      if (found === null) throw new NotFoundException();
      const place = await manager.findOneOrFail(Place, {
        where: { id: found.placeId },
        lock: { mode: 'for_no_key_update' },
      });
      const booking = await manager.findOneByOrFail(Booking, { id });
      if (booking.landlordId !== caller.id) throw new ForbiddenException();
      if (booking.status !== from) throw new ConflictException();
      const { checkIn, checkOut } = booking;
      if (to === 'ACTIVE') {
        const late = (await this.todayAt(place, manager)) > checkIn;
        if (late || (await this.isTaken(place.id, checkIn, checkOut, manager))) throw new ConflictException();
      }
      const stamps =
        to === 'ACTIVE' ? 'activated_at = now()' : `cancelled_at = now(), cancelled_by = 'LANDLORD'`;
      // The key and the booking refer to each other's status: only one statement can change both.
      await manager.query(
        `WITH b AS (
           UPDATE booking SET status = $2, version = version + 1, updated_at = now(), ${stamps} WHERE id = $1 RETURNING *
         )
         UPDATE booking_key k SET status = b.status FROM b WHERE k.id = b.id`,
        [id, to],
      );
      const moved = await manager.findOneByOrFail(Booking, { id });
      const [type, sentence] =
        to === 'ACTIVE' ? ['ACTIVATE_BOOKING', 'Your stay is confirmed'] : ['CANCEL_BOOKING', 'Called off'];
      const message = `${sentence}: “${place.title}”, ${checkIn} to ${checkOut}.`;
      await this.notify(manager, booking.tenantId, type, message, moved);
      return moved;
    });
  }

  private async notify(
    manager: EntityManager,
    recipientId: string,
    type: string,
    message: string,
    booking: Booking,
  ): Promise<void> {
    const counters: { last_sequence: string }[] = await manager.query(
      `INSERT INTO inbox (recipient_id, last_sequence) VALUES ($1, 1)
       ON CONFLICT (recipient_id) DO UPDATE SET last_sequence = inbox.last_sequence + 1 RETURNING last_sequence`,
      [recipientId],
    );
    await manager.insert(Notification, {
      ...{ recipientId, sequence: Number(counters[0]?.last_sequence), id: uuid(), type, message },
      ...{ bookingId: booking.id, bookingVersion: booking.version, placeId: booking.placeId },
      ...{ bookingStatus: booking.status, checkIn: booking.checkIn, checkOut: booking.checkOut },
    });
  }

  // In a transaction these must go by its own connection: waiting for another one there, all would wait for each other.
  private async todayAt({ cityId }: Place, manager: EntityManager): Promise<string> {
    const { timeZone } = await manager.findOneByOrFail(City, { id: cityId });
    // Sweden writes dates the ISO way.
    return new Date().toLocaleDateString('sv-SE', { timeZone });
  }

  private isTaken(
    placeId: string,
    checkIn: string,
    checkOut: string,
    manager: EntityManager,
  ): Promise<boolean> {
    return manager.existsBy(Booking, {
      status: 'ACTIVE',
      placeId,
      checkIn: LessThan(checkOut),
      checkOut: MoreThan(checkIn),
    });
  }
}

export function nightsOf(checkIn: string, checkOut: string): number {
  return Math.round((Date.parse(checkOut) - Date.parse(checkIn)) / DAY_MS);
}
