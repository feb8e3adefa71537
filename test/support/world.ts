// People, places and bookings to test with, made through the API.
import { randomBytes } from 'node:crypto';
import type { Api, Json } from './api.js';
import type { TestApp } from './app.js';

export interface Person {
  id: string;
  token: string;
  refreshToken: string;
  email: string;
  password: string;
  role: 'LANDLORD' | 'TENANT';
}

const PASSWORD = 'correct horse battery';

export function uniqueText(prefix = 'x'): string {
  return `${prefix}${randomBytes(6).toString('hex')}`;
}

/** Days after today (UTC), as YYYY-MM-DD. */
export function inDays(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
}

export class World {
  private cityId: Promise<string> | null = null;

  constructor(readonly app: TestApp) {}

  get api(): Api {
    return this.app.api;
  }

  async person(role: Person['role'], displayName = 'Somebody'): Promise<Person> {
    const email = `${uniqueText()}@example.com`;
    const input = { email, password: PASSWORD, role, displayName };
    const session = await this.api.must(
      'signUp',
      { input },
      undefined,
      '{ accessToken refreshToken user { id } }',
    );
    return {
      id: session.user.id,
      token: session.accessToken,
      refreshToken: session.refreshToken,
      email,
      password: PASSWORD,
      role,
    };
  }

  landlord(): Promise<Person> {
    return this.person('LANDLORD');
  }

  tenant(): Promise<Person> {
    return this.person('TENANT');
  }

  /** One city, made the first time, in UTC so that its today is easy to say. */
  city(): Promise<string> {
    this.cityId ??= this.landlord().then((landlord) => this.addCity(landlord));
    return this.cityId;
  }

  async addCity(landlord: Person, input: Json = {}): Promise<string> {
    const whole = { name: uniqueText('City '), country: 'VN', timeZone: 'Etc/UTC', ...input };
    return (await this.api.must('addCity', { input: whole }, landlord.token)).id as string;
  }

  async placeInput(input: Json = {}): Promise<Json> {
    return {
      cityId: await this.city(),
      title: 'A room',
      description: 'With a view.',
      address: '1 Secret Street',
      nightlyPrice: { amount: 1000, currency: 'USD' },
      maxGuests: 4,
      ...input,
    };
  }

  /** The copies of a new place. */
  async places(landlord: Person, input: Json = {}): Promise<Json[]> {
    return (await this.api.must(
      'createPlace',
      { input: await this.placeInput(input) },
      landlord.token,
    )) as Json[];
  }

  async place(landlord: Person, input: Json = {}): Promise<Json> {
    return (await this.places(landlord, input))[0];
  }

  /** A PENDING booking. */
  async ask(
    tenant: Person,
    placeId: string,
    checkIn = inDays(10),
    checkOut = inDays(13),
    input: Json = {},
  ): Promise<Json> {
    const whole = { placeId, checkIn, checkOut, guests: 2, ...input };
    return this.api.must('createPendingBooking', { input: whole }, tenant.token);
  }

  activate(landlord: Person, id: string): Promise<Json> {
    return this.api.must('activatePendingBooking', { id }, landlord.token);
  }

  /** An ACTIVE booking. */
  async book(
    tenant: Person,
    landlord: Person,
    placeId: string,
    checkIn = inDays(10),
    checkOut = inDays(13),
  ): Promise<Json> {
    const { id } = await this.ask(tenant, placeId, checkIn, checkOut);
    return this.activate(landlord, id as string);
  }

  /** A COMPLETED booking of a stay that began today. */
  async completed(tenant: Person, landlord: Person, placeId: string, nights = 1): Promise<Json> {
    const { id } = await this.book(tenant, landlord, placeId, inDays(0), inDays(nights));
    return this.api.must('completeActiveBooking', { id }, landlord.token);
  }

  /** A booking in the given status. */
  async bookingIn(status: string, tenant: Person, landlord: Person, placeId: string): Promise<Json> {
    if (status === 'PENDING') return this.ask(tenant, placeId, inDays(0), inDays(2));
    if (status === 'ACTIVE') return this.book(tenant, landlord, placeId, inDays(0), inDays(2));
    if (status === 'COMPLETED') return this.completed(tenant, landlord, placeId);
    const { id } = await this.ask(tenant, placeId, inDays(0), inDays(2));
    return this.api.must('cancelPendingBooking', { id }, tenant.token);
  }

  /** Moves a stay that is not final yet by some days, as if it had been asked for earlier or later. */
  async shift(bookingId: string, days: number): Promise<void> {
    await this.app.sql.query(
      'UPDATE booking SET check_in = check_in + $2::int, check_out = check_out + $2::int WHERE id = $1',
      [bookingId, days],
    );
  }
}
