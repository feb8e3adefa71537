// THE table of the booking lifecycle. Nothing else decides a transition; everyone reads it from here.

export type Status = 'PENDING' | 'ACTIVE' | 'COMPLETED' | 'CANCELLED';

/** Which party of a booking somebody is. */
export type Side = 'TENANT' | 'LANDLORD';

/** Conditions, in the order in which they are looked at. */
export type Condition = 'listed' | 'stayValid' | 'notTooLate' | 'notTooEarly' | 'datesFree';

export interface Transition {
  /** null: there is no booking yet. */
  readonly from: Status | null;
  readonly to: Status;
  readonly by: readonly Side[];
  readonly requires: readonly Condition[];
  /** What the other party hears. */
  readonly tells:
    'NEW_BOOKING' | 'UPDATE_BOOKING' | 'CANCEL_BOOKING' | 'ACTIVATE_BOOKING' | 'COMPLETE_BOOKING';
}

export const TRANSITIONS = {
  createPendingBooking: {
    from: null,
    to: 'PENDING',
    by: ['TENANT'],
    requires: ['listed', 'stayValid', 'datesFree'],
    tells: 'NEW_BOOKING',
  },
  updatePendingBooking: {
    from: 'PENDING',
    to: 'PENDING',
    by: ['TENANT'],
    requires: ['stayValid', 'datesFree'],
    tells: 'UPDATE_BOOKING',
  },
  activatePendingBooking: {
    from: 'PENDING',
    to: 'ACTIVE',
    by: ['LANDLORD'],
    requires: ['notTooLate', 'datesFree'],
    tells: 'ACTIVATE_BOOKING',
  },
  cancelPendingBooking: {
    from: 'PENDING',
    to: 'CANCELLED',
    by: ['TENANT', 'LANDLORD'],
    requires: [],
    tells: 'CANCEL_BOOKING',
  },
  cancelActiveBooking: {
    from: 'ACTIVE',
    to: 'CANCELLED',
    by: ['TENANT', 'LANDLORD'],
    requires: [],
    tells: 'CANCEL_BOOKING',
  },
  completeActiveBooking: {
    from: 'ACTIVE',
    to: 'COMPLETED',
    by: ['LANDLORD'],
    requires: ['notTooEarly'],
    tells: 'COMPLETE_BOOKING',
  },
} as const satisfies Record<string, Transition>;

export type Operation = keyof typeof TRANSITIONS;
