import { type BookingEvent, NotificationType } from '../../platform/events/events.js';
import { messageOf } from './notification.messages.js';

const event: BookingEvent = {
  type: 'NEW_BOOKING',
  recipientId: 'r',
  placeTitle: 'River room',
  booking: {
    id: 'b',
    version: 1,
    placeId: 'p',
    status: 'PENDING',
    checkIn: '2026-12-01',
    checkOut: '2026-12-04',
    guests: 2,
  },
};

describe('messageOf', () => {
  it.each(Object.values(NotificationType))('says in a sentence what %s is about', (type) => {
    const message = messageOf({ ...event, type });
    expect(message).toMatch(/^[A-Z].*[.?]$/);
    expect(message).toContain('“River room”');
    expect(message).toContain('2026-12-01 to 2026-12-04');
  });

  it('counts guests as people do', () => {
    expect(messageOf(event)).toContain('2 guests');
    expect(messageOf({ ...event, booking: { ...event.booking, guests: 1 } })).toContain('1 guest.');
  });
});
