// What Apollo Sandbox opens with: a first session that can be run from top to bottom.

/** The demo set's landlord. Only ever made by `npm start` on an empty database. */
export const DEMO_LANDLORD = { email: 'landlord@roost.example', password: 'a roof over every head' };

/** The demo set's tenant. */
export const DEMO_TENANT = { email: 'tenant@roost.example', password: 'somewhere to lay my head' };

export const SANDBOX_DOCUMENT = `# Welcome to Roost. Run these from top to bottom; each answers { status, message, data }.
# 1. Sign in as the demo landlord, then copy accessToken into the Authorization header below: "Bearer <accessToken>".
mutation SignInAsLandlord {
  signIn(input: { email: "${DEMO_LANDLORD.email}", password: "${DEMO_LANDLORD.password}" }) {
    status message
    data { accessToken expiresAt refreshToken user { id displayName role } }
  }
}

# 2. Who does this token belong to?
query WhoAmI {
  verifyUser { status message data { id displayName role email } }
}

# 3. Cities to offer places in. Copy an id.
query Cities {
  getCities(search: "ha") { status data { nodes { id name country timeZone } } }
}

# 4. Offer a place with three copies. Fill in the city's id.
mutation OfferPlace($cityId: ID!) {
  createPlace(input: {
    cityId: $cityId, title: "Room with a balcony", description: "Quiet, bright, five minutes from the market."
    address: "12 Garden Lane", nightlyPrice: { amount: 4500, currency: "USD" }, maxGuests: 2
    amenities: ["wifi", "balcony"], copies: 3
  }) { status message fieldErrors { path message } data { id placeCopyId copyNumber title } }
}

# 5. What tenants find.
query FindPlaces {
  searchPlaces(filter: { guests: 2 }, first: 5) {
    status
    data { nodes { id title nightlyPrice { amount currency } city { name } averageRating } pageInfo { hasNextPage endCursor } }
  }
}

# 6. Now be the tenant: put this accessToken into the header instead.
mutation SignInAsTenant {
  signIn(input: { email: "${DEMO_TENANT.email}", password: "${DEMO_TENANT.password}" }) {
    status message data { accessToken user { id displayName role } }
  }
}

# 7. Ask to book. The same idempotency key never books twice: change it for another booking.
mutation AskToBook($placeId: ID!, $checkIn: LocalDate!, $checkOut: LocalDate!) {
  createPendingBooking(input: {
    placeId: $placeId, checkIn: $checkIn, checkOut: $checkOut, guests: 2, idempotencyKey: "sandbox-1"
  }) { status message code fieldErrors { path message } data { id status nights total { amount currency } version } }
}

# 8. As the landlord again: the requests that wait for you, and what you were told.
query WhatWaitsForMe {
  getBookings(status: PENDING) { status data { nodes { id checkIn checkOut guests tenant { displayName } place { title } } } }
  getNotifications(first: 5) { status data { unreadCount nodes { sequence type message createdAt readAt } } }
}

# 9. Accept one. The tenant hears of it at once.
mutation Accept($bookingId: ID!) {
  activatePendingBooking(id: $bookingId) { status message code data { id status version activatedAt } }
}
`;

const DAY_MS = 86_400_000;

/** Values for the document's variables; the dates are a month ahead. */
export function sandboxVariables(now: Date): Record<string, string> {
  const inDays = (days: number) => new Date(now.getTime() + days * DAY_MS).toISOString().slice(0, 10);
  return { cityId: '', placeId: '', checkIn: inDays(30), checkOut: inDays(33), bookingId: '' };
}
