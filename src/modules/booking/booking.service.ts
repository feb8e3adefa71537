// The public face of bookings: the order of steps, and the transaction around them.
import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { Database, type Transaction } from '../../platform/database/database.js';
import { AppError } from '../../platform/errors/app-error.js';
import { type BookingEvent, Events } from '../../platform/events/events.js';
import type { Actor } from '../../platform/graphql/actor.js';
import {
  type Connection,
  newestFirst,
  pageOf,
  toConnection,
} from '../../platform/graphql/connection.types.js';
import { Loader } from '../../platform/graphql/loader.js';
import type { Json } from '../../platform/projection/json.js';
import type { Asked, Projection } from '../../platform/projection/projection.js';
import { unknownPlace } from '../place/place.service.js';
import { BOOKING_ROWS } from './booking.projection.js';
import { type BookingChanges, BookingRepository } from './booking.repository.js';
import { decide, illegalTransition, nightsBetween, quote, sideOf } from './booking.rules.js';
import { type Operation, type Side, TRANSITIONS } from './booking.transitions.js';
import {
  type Booking,
  type BusyArgs,
  type CreatePendingBookingInput,
  type GetBookingsArgs,
  type Stay,
  toBooking,
  type UpdatePendingBookingInput,
} from './booking.types.js';

/** Who is told. */
interface Parties {
  landlordId: string;
  tenantId: string;
}

type Calendar = BusyArgs & { placeId: string };

/** What a caller brings to a transition besides the booking. */
interface Step {
  /** The version that the caller saw. */
  version?: number;
  stay?: Pick<UpdatePendingBookingInput, 'checkIn' | 'checkOut' | 'guests' | 'note'>;
  reason?: string;
  /** An id that the caller claims to be; compared, never looked up. */
  claimedId?: string;
}

@Injectable()
export class BookingService {
  /** Bookings by id, for those who may see them anyway. */
  readonly byId = new Loader<string, Booking>(async (ids) => {
    const rows = await this.bookings.findByIds(ids);
    return new Map(rows.map((row) => [row.id, toBooking(row)]));
  });

  /** ACTIVE stays in a stretch of a place's calendar; undefined where there are none. */
  readonly busy = new Loader<Calendar, Stay[]>(
    async (calendars) => {
      const found = new Map<string, Stay[]>();
      for (const { index, ...stay } of await this.bookings.findBusy(calendars)) {
        const key = calendarKey(calendars[index - 1] as Calendar);
        found.set(key, [...(found.get(key) ?? []), stay]);
      }
      return found;
    },
    (calendar) => calendarKey(calendar),
  );

  constructor(
    private readonly db: Database,
    private readonly bookings: BookingRepository,
    private readonly events: Events,
  ) {}

  /** @throws AppError UNKNOWN_BOOKING, NOT_YOURS */
  get(actor: Actor, id: string): Promise<Booking> {
    return this.read(actor, id, BOOKING_ROWS);
  }

  /** @throws AppError UNKNOWN_BOOKING, NOT_YOURS */
  show(actor: Actor, id: string, asked: Asked): Promise<Booking | Json> {
    return this.read<Booking | Json>(actor, id, asked ?? BOOKING_ROWS);
  }

  async getPage(
    actor: Actor,
    { status, placeId, ...args }: GetBookingsArgs,
    asked: Asked,
  ): Promise<Connection<Booking | Json>> {
    const as: Projection<Booking | Json> = asked ?? BOOKING_ROWS;
    const page = pageOf(`bookings ${[actor.id, status, placeId].join(' ')}`, args);
    const found = await this.bookings.findPage(actor, status, placeId, page, as);
    return toConnection(found, page, newestFirst, as.nodeOf);
  }

  /**
   * Asks for a stay. With an idempotency key that was used for the same input before, answers that booking instead.
   * @throws AppError UNKNOWN_PLACE, NOT_YOURS, IDEMPOTENCY_MISMATCH, NOT_LISTED, INVALID_INPUT, DATES_TAKEN
   */
  async createPending(actor: Actor, input: CreatePendingBookingInput): Promise<Booking> {
    const {
      placeId,
      tenantId = actor.id,
      checkIn,
      checkOut,
      guests,
      note = null,
      idempotencyKey = null,
    } = input;
    const fingerprint =
      idempotencyKey === null ? null : fingerprintOf([placeId, tenantId, checkIn, checkOut, guests, note]);
    const offer = await this.bookings.findOffer(placeId, actor.id, checkIn, checkOut, idempotencyKey);
    if (offer === null) throw unknownPlace();
    if (tenantId !== actor.id)
      throw new AppError('NOT_YOURS', 'A stay can only be asked for in your own name.');
    if (offer.isRepeated) return this.replay(tenantId, idempotencyKey, fingerprint);
    const stay = { checkIn, checkOut, guests };
    const refusal = decide('createPendingBooking', {
      ...offer,
      status: null,
      version: 0,
      stay,
      side: 'TENANT',
    });
    if (refusal !== null) throw refusal;
    const asked = { id: uuid(), placeId, landlordId: offer.landlordId, tenantId, ...stay };
    const totalAmount = quote(nightsBetween(checkIn, checkOut), offer.nightlyAmount);
    const price = { totalAmount, currency: offer.nightlyCurrency };
    const [row] = await this.db.transaction((tx) =>
      tx.commitWith(() => [
        this.bookings.insert(tx, { ...asked, ...price, note, idempotencyKey, fingerprint }),
        this.tell(tx, 'createPendingBooking', 'TENANT', { ...asked, version: 1 }, offer.placeTitle),
      ]),
    );
    // Another try with the same key may have come first just now.
    return row === null ? this.replay(tenantId, idempotencyKey, fingerprint) : toBooking(row);
  }

  /** @throws AppError UNKNOWN_BOOKING, NOT_YOURS, ILLEGAL_TRANSITION, STALE_VERSION, INVALID_INPUT, DATES_TAKEN */
  updatePending(
    actor: Actor,
    { id, tenantId, version, ...stay }: UpdatePendingBookingInput,
  ): Promise<Booking> {
    return this.transition(actor, 'updatePendingBooking', id, { version, stay, claimedId: tenantId });
  }

  /**
   * Every step of a booking but the first: lock the place, decide by the table, move by one guarded statement, tell.
   * @throws AppError UNKNOWN_BOOKING, NOT_YOURS, ILLEGAL_TRANSITION, STALE_VERSION, TOO_EARLY, TOO_LATE, DATES_TAKEN
   */
  async transition(actor: Actor, operation: Operation, id: string, step: Step = {}): Promise<Booking> {
    const { version, stay: wanted = {}, reason, claimedId = actor.id } = step;
    const moved = await this.db.transaction(async (tx) => {
      // Sent together: what is read comes after the lock all the same.
      const [, booking] = await Promise.all([
        this.bookings.lockPlace(tx, id),
        this.bookings.findForTransition(tx, id, wanted.checkIn ?? null, wanted.checkOut ?? null),
      ]);
      if (booking === null) throw unknownBooking();
      const side = claimedId === actor.id ? sideOf(booking, actor.id) : null;
      const stay = {
        checkIn: wanted.checkIn ?? booking.checkIn,
        checkOut: wanted.checkOut ?? booking.checkOut,
        guests: wanted.guests ?? booking.guests,
      };
      const refusal = decide(operation, { ...booking, stay, side }, version);
      if (refusal !== null || side === null) throw refusal ?? new Error('decide() let a stranger through.');
      const { to } = TRANSITIONS[operation];
      const changes: BookingChanges = {};
      if (operation === 'updatePendingBooking') {
        const totalAmount = quote(nightsBetween(stay.checkIn, stay.checkOut), booking.nightlyAmount);
        Object.assign(changes, stay, { note: wanted.note, totalAmount, currency: booking.nightlyCurrency });
      }
      if (to === 'CANCELLED') Object.assign(changes, { cancelledBy: side, cancellationReason: reason });
      const [row] = await tx.commitWith(() => [
        this.bookings.move(tx, booking, to, changes),
        this.tell(
          tx,
          operation,
          side,
          { ...booking, ...stay, version: booking.version + 1 },
          booking.placeTitle,
        ),
      ]);
      if (row === null) throw illegalTransition(booking.status);
      return row;
    });
    return toBooking(moved);
  }

  private async read<Node>(actor: Actor, id: string, as: Projection<Node>): Promise<Node> {
    const found = await this.bookings.find(id, as);
    if (found === null) throw unknownBooking();
    if (sideOf(found, actor.id) === null)
      throw new AppError('NOT_YOURS', 'Only its two parties see a booking.');
    return found.booking;
  }

  /** Records the event for the party that did not act; `booking` is as the operation leaves it. */
  private tell(
    tx: Transaction,
    operation: Operation,
    side: Side,
    booking: Omit<BookingEvent['booking'], 'status'> & Parties,
    placeTitle: string,
  ) {
    const { to: status, tells: type } = TRANSITIONS[operation];
    const recipientId = side === 'TENANT' ? booking.landlordId : booking.tenantId;
    return this.events.record(tx, { type, recipientId, placeTitle, booking: { ...booking, status } });
  }

  /** The booking that was made under this key. @throws AppError IDEMPOTENCY_MISMATCH */
  private async replay(tenantId: string, key: string | null, wanted: Buffer | null): Promise<Booking> {
    const earlier = key === null ? null : await this.bookings.findRequest(tenantId, key);
    if (earlier === null || wanted === null)
      throw new Error('A booking was neither made nor found under its idempotency key.');
    const { bookingId, fingerprint } = earlier;
    if (!fingerprint.equals(wanted)) {
      throw new AppError(
        'IDEMPOTENCY_MISMATCH',
        'This idempotency key was used for another request. Please use a new one.',
      );
    }
    const [row] = await this.bookings.findByIds([bookingId]);
    if (row === undefined) throw new Error(`Booking ${bookingId} is gone, though its request is stored.`);
    return toBooking(row);
  }
}

function unknownBooking(): AppError {
  return new AppError('UNKNOWN_BOOKING', 'There is no booking with this id.');
}

/** What makes two requests the same, whatever the order or spelling of their fields. */
function fingerprintOf(input: readonly unknown[]): Buffer {
  return createHash('sha256').update(JSON.stringify(input)).digest();
}

function calendarKey({ placeId, from, to }: Calendar): string {
  return `${placeId} ${from} ${to}`;
}
