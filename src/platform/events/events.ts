// What modules tell each other by way of the outbox: recorded in the transaction that made it true.
import type { Transaction } from '../database/database.js';

/** Kinds of event that somebody is notified of. */
export enum NotificationType {
  NEW_BOOKING = 'NEW_BOOKING',
  UPDATE_BOOKING = 'UPDATE_BOOKING',
  CANCEL_BOOKING = 'CANCEL_BOOKING',
  ACTIVATE_BOOKING = 'ACTIVATE_BOOKING',
  COMPLETE_BOOKING = 'COMPLETE_BOOKING',
  NEW_REVIEW = 'NEW_REVIEW',
}

/** Something happened to a booking that its other party should hear of. */
export interface BookingEvent {
  readonly type: `${NotificationType}`;
  readonly recipientId: string;
  readonly placeTitle: string;
  /** The booking as the event left it; where it is not so, nothing happened and nobody is told. */
  readonly booking: {
    readonly id: string;
    readonly version: number;
    readonly placeId: string;
    readonly status: string;
    readonly checkIn: string;
    readonly checkOut: string;
    readonly guests: number;
  };
}

/** The port that modules record events through; whoever delivers them stands behind it. */
export abstract class Events {
  /**
   * Saves the event as part of `tx`: told if and only if `tx` commits. The last statement before COMMIT, because it
   * locks the recipient's counter. May be sent right behind the statement that makes the event true.
   */
  abstract record(tx: Transaction, event: BookingEvent): Promise<void>;
}
