// How bookings are read: as rows, or field by field.
import { columns } from '../../platform/database/columns.js';
import { readInput } from '../../platform/graphql/input.pipe.js';
import { one, parts } from '../../platform/projection/fields.js';
import { describeField, describeType } from '../../platform/projection/fragments.js';
import { rows } from '../../platform/projection/projection.js';
import { BookingEntity } from './booking.entity.js';
import { BusyArgs, toBooking } from './booking.types.js';

export const COLUMNS = columns(BookingEntity, 'b');

/** Bookings as rows. */
export const BOOKING_ROWS = rows(COLUMNS, toBooking);

describeType(
  'Booking',
  BookingEntity,
  { alias: 'b', from: 'booking' },
  {
    nights: (b) => `${b}.check_out - ${b}.check_in`,
    total: parts({ amount: 'total_amount', currency: 'currency' }),
    place: one((b, p) => `${p}.id = ${b}.place_id`),
    tenant: one((b, u) => `${u}.id = ${b}.tenant_id AND ${u}.role = 'TENANT'`),
  },
);

describeField('Place', 'busy', (p, composer, field) => {
  const b = composer.alias('b');
  const args = composer.argumentsOf(field);
  const from = composer.parameter('date', (variables) => readInput(BusyArgs, args(variables)).from);
  const to = composer.parameter('date', (variables) => readInput(BusyArgs, args(variables)).to);
  const stay = composer.object(
    field.within,
    ({ name }) => `${b}.${name === 'checkIn' ? 'check_in' : 'check_out'}`,
  );
  return `(SELECT coalesce(json_agg(${stay} ORDER BY ${b}.check_in), '[]') FROM booking ${b}
    WHERE ${b}.status = 'ACTIVE' AND ${b}.place_id = ${p}.id
      AND daterange(${b}.check_in, ${b}.check_out) && daterange(${from}, ${to}))`;
});
