// The floor: node:http and pg, no GraphQL. For each workload the statement that one would write by hand for it, and
// plain JSON of the same data.
import { createServer, type IncomingMessage } from 'node:http';
import { Server } from 'socket.io';
import { ready, settings } from './settings.js';
import { type BookingRequest, Refusal, Sql, type Told } from './sql.js';
import { type Caller, Tokens } from './token.js';

interface Input extends BookingRequest {
  id: string;
  cityId: string;
  guests: number;
}

type Flat = Record<string, unknown> & { createdAt: Date; id: string };

const tokens = new Tokens(settings.secret);
const PAGE = 20;

const W1 = `SELECT id, place_copy_id AS "placeCopyId", copy_number AS "copyNumber", title, description,
    max_guests AS "maxGuests", listed, created_at AS "createdAt"
  FROM place WHERE id = $1`;

const W2 = `SELECT p.id, p.title, p.description, p.max_guests AS "maxGuests",
    u.id AS "ownerId", u.display_name AS "ownerName", c.id AS "cityId", c.name AS "cityName", c.time_zone AS "timeZone",
    (SELECT json_agg(r) FROM (
       SELECT r.id, r.rating, r.comment,
              to_char(r.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "createdAt",
              json_build_object('id', t.id, 'displayName', t.display_name) AS reviewer
       FROM review r JOIN users t ON t.id = r.reviewer_id AND t.role = 'TENANT'
       WHERE r.place_copy_id = p.place_copy_id ORDER BY r.created_at DESC, r.id DESC LIMIT 10) r) AS reviews
  FROM place p JOIN users u ON u.id = p.owner_id AND u.role = 'LANDLORD' JOIN city c ON c.id = p.city_id
  WHERE p.id = $1`;

const W3 = `SELECT p.id, p.title, p.nightly_amount AS amount, p.currency, p.max_guests AS "maxGuests",
    g.review_count AS "reviewCount", g.rating_sum AS "ratingSum", g.created_at AS "createdAt", g.id AS "groupId",
    u.id AS "ownerId", u.display_name AS "ownerName", c.id AS "cityId", c.name AS "cityName"
  FROM place_group g
  CROSS JOIN LATERAL (SELECT * FROM place p WHERE p.place_copy_id = g.id AND p.listed AND p.max_guests >= $3
                      ORDER BY p.copy_number LIMIT 1) p
  JOIN users u ON u.id = p.owner_id AND u.role = 'LANDLORD' JOIN city c ON c.id = p.city_id
  WHERE g.city_id = $2 ORDER BY g.created_at DESC, g.id DESC LIMIT $1`;

const W5 = `SELECT b.id, b.status, b.check_in AS "checkIn", b.check_out AS "checkOut", b.guests,
    b.total_amount AS amount, b.currency, b.created_at AS "createdAt",
    p.id AS "placeId", p.title, t.id AS "tenantId", t.display_name AS "tenantName"
  FROM (SELECT * FROM booking WHERE landlord_id = $2 ORDER BY created_at DESC, id DESC LIMIT $1) b
  JOIN place p ON p.id = b.place_id JOIN users t ON t.id = b.tenant_id AND t.role = 'TENANT'
  ORDER BY b.created_at DESC, b.id DESC`;

let emit: (told: Told) => void = () => undefined;
const sql = new Sql(settings.databaseUrl, settings.poolSize, (told) => {
  emit(told);
});

async function one(name: string, text: string, values: unknown[]): Promise<Flat> {
  const [row] = await sql.rows<Flat>(name, text, values);
  if (row === undefined) throw new Refusal(404);
  return row;
}

async function page(name: string, text: string, values: unknown[], toNode: (row: Flat) => object) {
  const rows = await sql.rows<Flat>(name, text, [PAGE + 1, ...values]);
  const shown = rows.slice(0, PAGE);
  const last = shown.at(-1);
  const endCursor =
    last === undefined
      ? null
      : Buffer.from(JSON.stringify([last.createdAt.getTime(), last.groupId ?? last.id])).toString(
          'base64url',
        );
  return { nodes: shown.map(toNode), pageInfo: { hasNextPage: rows.length > PAGE, endCursor } };
}

const ANSWERS: Record<string, (input: Input, authorization?: string) => Promise<object>> = {
  '/getPlace-scalars': ({ id }) => one('w1', W1, [id]),
  '/getPlace-page': async ({ id }) => {
    const { ownerId, ownerName, cityId, cityName, timeZone, reviews, ...place } = await one('w2', W2, [id]);
    return {
      ...place,
      owner: { id: ownerId, displayName: ownerName },
      city: { id: cityId, name: cityName, timeZone },
      reviews: { nodes: reviews ?? [] },
    };
  },
  '/searchPlaces': ({ cityId, guests }) =>
    page('w3', W3, [cityId, guests], (row) => ({
      id: row.id,
      title: row.title,
      nightlyPrice: { amount: row.amount, currency: row.currency },
      maxGuests: row.maxGuests,
      reviewCount: row.reviewCount,
      averageRating: row.reviewCount === 0 ? null : Number(row.ratingSum) / Number(row.reviewCount),
      owner: { id: row.ownerId, displayName: row.ownerName },
      city: { id: row.cityId, name: row.cityName },
    })),
  '/createPendingBooking': (input, authorization) => sql.createPending(signedIn(authorization), input),
  '/getBookings': (_, authorization) =>
    page('w5', W5, [signedIn(authorization).id], (row) => ({
      id: row.id,
      status: row.status,
      checkIn: row.checkIn,
      checkOut: row.checkOut,
      guests: row.guests,
      total: { amount: row.amount, currency: row.currency },
      place: { id: row.placeId, title: row.title },
      tenant: { id: row.tenantId, displayName: row.tenantName },
    })),
  '/activatePendingBooking': ({ id }, authorization) =>
    sql.transition(signedIn(authorization), id, 'activate'),
  '/cancelActiveBooking': ({ id }, authorization) => sql.transition(signedIn(authorization), id, 'cancel'),
};

function signedIn(authorization: string | undefined): Caller {
  const caller = tokens.check(authorization);
  if (caller === null) throw new Refusal(401);
  return caller;
}

async function answer({ url = '', headers }: IncomingMessage, body: string): Promise<string> {
  const work = ANSWERS[url];
  if (work === undefined) throw new Refusal(404);
  return JSON.stringify(await work(JSON.parse(body) as Input, headers.authorization));
}

const server = createServer((request, response) => {
  let text = '';
  request.setEncoding('utf8');
  request.on('data', (chunk: string) => (text += chunk));
  request.on('end', () => {
    answer(request, text).then(
      (body) => {
        response.writeHead(200, {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
        });
        response.end(body);
      },
      (error: unknown) => {
        if (!(error instanceof Refusal)) console.error(error);
        response.writeHead(error instanceof Refusal ? error.status : 500).end();
      },
    );
  });
});

if (settings.sockets) {
  const io = new Server(server, { transports: ['websocket'], perMessageDeflate: false, serveClient: false });
  const namespace = io.of('/notifications');
  namespace.use((socket, next) => {
    const { token } = socket.handshake.auth as { token: string };
    const caller = tokens.check(token);
    if (caller === null) {
      next(new Error('UNAUTHENTICATED'));
      return;
    }
    void socket.join(caller.id);
    next();
  });
  namespace.on('connection', (socket) => socket.emit('ready', {}));
  emit = ({ recipientId, bookingId }) =>
    namespace.to(recipientId).emit('notification', { booking: { id: bookingId } });
}

server.listen(settings.port, '127.0.0.1', ready);
