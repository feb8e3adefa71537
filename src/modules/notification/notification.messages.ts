// What notifications say. Pure.
import type { BookingEvent, NotificationType } from '../../platform/events/events.js';

const SENTENCES: Readonly<Record<NotificationType, (place: string, stay: string, guests: string) => string>> =
  {
    NEW_BOOKING: (place, stay, guests) => `New request for ${place}: ${stay}, ${guests}.`,
    UPDATE_BOOKING: (place, stay, guests) => `A request for ${place} was changed: ${stay}, ${guests}.`,
    CANCEL_BOOKING: (place, stay) => `Called off: ${place}, ${stay}.`,
    ACTIVATE_BOOKING: (place, stay) => `Your stay is confirmed: ${place}, ${stay}.`,
    COMPLETE_BOOKING: (place, stay) =>
      `Your stay is completed: ${place}, ${stay}. How was it? You can write a review.`,
    NEW_REVIEW: (place, stay) => `New review of ${place}, stay of ${stay}.`,
  };

/** One plain sentence about the event, for the person who is told. */
export function messageOf({ type, placeTitle, booking }: BookingEvent): string {
  const guests = booking.guests === 1 ? '1 guest' : `${booking.guests} guests`;
  return SENTENCES[type](`“${placeTitle}”`, `${booking.checkIn} to ${booking.checkOut}`, guests);
}
