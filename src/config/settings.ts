// The settings: what each means, and its default.
import { str, url } from 'envalid';
import { FAILPOINTS } from '../platform/failpoints.js';
import {
  wholeNumber,
  postgresUrl,
  redisUrl,
  redisPrefix,
  limit,
  list,
  keyRing,
  failpoint,
} from './validators.js';

/** Every setting, its default, and what it means. `.env.example` is printed from this table (`npm run env`). */
export const SETTINGS = {
  NODE_ENV: str({
    choices: ['development', 'test', 'production'],
    default: 'development',
    desc: 'development opens Apollo Sandbox at /graphql and prints readable logs; production does neither.',
  }),
  HOST: str({
    default: '127.0.0.1',
    desc: 'Address to listen on. 0.0.0.0 inside a container.',
  }),
  PORT: wholeNumber(
    0,
    65_535,
  )({
    default: 3000,
    desc: 'TCP port for HTTP, GraphQL and sockets. 0 takes any free one.',
  }),
  PUBLIC_URL: url({
    default: undefined,
    desc: 'The address that clients use, where it differs from HOST and PORT. Shown in Apollo Sandbox.',
    example: 'https://roost.example',
  }),
  DATABASE_URL: postgresUrl({
    desc: 'PostgreSQL 15 or newer. Left out, npm start runs a PostgreSQL 18 of its own under .roost/.',
    example: 'postgres://roost:secret@127.0.0.1:5432/roost',
  }),
  DATABASE_POOL_SIZE: wholeNumber(
    2,
    500,
  )({
    default: 20,
    desc: 'PostgreSQL connections per process; a fifth of them, four at most, carry reads alone, many at once.',
  }),
  DATABASE_TIMEOUT_MS: wholeNumber(
    100,
    600_000,
  )({
    default: 5000,
    desc: 'Milliseconds to wait for a free connection, and the longest that one statement may run.',
  }),
  REDIS_URL: redisUrl({
    desc: 'Redis 6.2 or newer, with maxmemory-policy noeviction and AOF. Left out, npm start runs one of its own.',
    example: 'redis://127.0.0.1:6379',
  }),
  REDIS_PREFIX: redisPrefix({
    default: 'roost',
    desc: 'First part of every Redis key and channel; set it when several installations share one Redis.',
  }),
  WORKER: str({
    choices: ['inline', 'apart'],
    default: 'inline',
    desc: 'inline: this process also works the delivery queue. apart: only `npm run start:worker` does.',
  }),
  JWT_SECRET: str({
    desc: 'Signs access tokens; at least 32 bytes. Left out in development, one is made under .roost/.',
    example: 'output of: openssl rand -base64 48',
  }),
  JWT_PREVIOUS_SECRETS: list({
    default: [],
    desc: 'Secrets that JWT_SECRET has replaced, comma-separated: their tokens are still accepted until they expire.',
  }),
  DATA_KEYS: keyRing({
    desc:
      'Encrypt e-mail addresses, phone numbers and addresses of places: id:key pairs, 32 bytes in base64 each. New ' +
      'data takes the first; npm run keys:rotate moves the rest to it. Lost keys are lost data. npm start makes one.',
    example: 'k1: and the output of openssl rand -base64 32',
  }),
  EMAIL_INDEX_KEYS: keyRing({
    desc:
      'Find users by e-mail address without storing it: written like DATA_KEYS, with keys of their own. Lost keys ' +
      'mean that nobody can sign in. npm start makes one.',
    example: 'i1: and the output of openssl rand -base64 32',
  }),
  PASSWORD_MEMORY_KIB: wholeNumber(
    19_456,
    1_048_576,
  )({
    default: 19_456,
    desc: 'KiB of memory that checking a password takes (Argon2id). Raised: each password is hashed anew at its next sign-in.',
  }),
  PASSWORD_PASSES: wholeNumber(
    2,
    20,
  )({
    default: 2,
    desc: 'Passes over that memory. Raised: as above.',
  }),
  JWT_ISSUER: str({ default: 'roost', desc: 'The iss claim of access tokens.' }),
  JWT_AUDIENCE: str({ default: 'roost-api', desc: 'The aud claim of access tokens.' }),
  ACCESS_TOKEN_SECONDS: wholeNumber(
    1,
    86_400,
  )({
    default: 900,
    desc: 'Seconds that an access token lives.',
  }),
  REFRESH_TOKEN_DAYS: wholeNumber(
    1,
    365,
  )({
    default: 30,
    desc: 'Days that an unused refresh token lives.',
  }),
  SESSION_WATCH_MS: wholeNumber(
    50,
    1000,
  )({
    default: 400,
    desc: 'Milliseconds between two looks for sessions that were ended on other instances.',
  }),
  CORS_ORIGINS: list({
    default: [],
    desc: 'Browser origins that may call the API and open sockets, comma-separated. Empty: any in development, none else.',
    example: 'https://app.example,https://admin.example',
  }),
  MAX_BODY_KB: wholeNumber(
    1,
    10_240,
  )({
    default: 256,
    desc: 'Largest request body, in KiB: room for every input at its longest, several times over.',
  }),
  GRAPHQL_MAX_TOKENS: wholeNumber(
    100,
    100_000,
  )({
    default: 2000,
    desc: 'Longest GraphQL document, in tokens.',
  }),
  GRAPHQL_MAX_DEPTH: wholeNumber(
    5,
    100,
  )({
    default: 12,
    desc: 'Deepest operation: fields within fields.',
  }),
  GRAPHQL_MAX_FIELDS: wholeNumber(
    10,
    100_000,
  )({
    default: 400,
    desc: 'Most fields in one operation, those of fragments wherever they are spread.',
  }),
  GRAPHQL_MAX_ALIASES: wholeNumber(
    0,
    10_000,
  )({
    default: 50,
    desc: 'Most aliases in one operation.',
  }),
  GRAPHQL_MAX_DIRECTIVES: wholeNumber(
    0,
    10_000,
  )({
    default: 20,
    desc: 'Most directives in one operation.',
  }),
  GRAPHQL_MAX_OBJECTS: wholeNumber(
    100,
    10_000_000,
  )({
    default: 10_000,
    desc: 'Most objects that one operation may ask for, with every page at its full length.',
  }),
  TRUSTED_PROXIES: list({
    default: [],
    desc: 'Addresses or networks of proxies whose X-Forwarded-For is believed, comma-separated. Empty: nobody is.',
    example: '10.0.0.0/8,127.0.0.1',
  }),
  TLS_CERT_FILE: str({
    default: undefined,
    desc: 'Certificate chain, PEM. With TLS_KEY_FILE the server itself speaks HTTPS and WSS; renewed files are picked up.',
    example: '/etc/roost/fullchain.pem',
  }),
  TLS_KEY_FILE: str({
    default: undefined,
    desc: 'Private key that goes with TLS_CERT_FILE, PEM.',
    example: '/etc/roost/privkey.pem',
  }),
  RATE_LIMITS: str({
    choices: ['on', 'off'],
    default: 'on',
    desc: 'off switches request-rate limits off, for load tests.',
  }),
  LIMIT_SIGN_IN: limit(10, 900, 'Tries to sign in to one account from one address.'),
  LIMIT_SIGN_IN_ACCOUNT: limit(
    50,
    900,
    'Tries to sign in to one account from all addresses that never got in. Its owner, who did, is not locked out.',
  ),
  LIMIT_SIGN_IN_ADDRESS: limit(100, 900, 'Tries to sign in from one address, to any account.'),
  LIMIT_SIGN_UP_ADDRESS: limit(50, 3600, 'Sign-ups from one address.'),
  LIMIT_OPERATIONS_USER: limit(1200, 60, 'Operations of one user, on each instance.'),
  LIMIT_OPERATIONS_ADDRESS: limit(3000, 60, 'Operations from one address, on each instance.'),
  DELIVERY_ACK_TIMEOUT_MS: wholeNumber(
    50,
    600_000,
  )({
    default: 10_000,
    desc: 'Milliseconds after which an unacknowledged notification is sent to the socket again.',
  }),
  DELIVERY_SWEEP_MS: wholeNumber(
    50,
    60_000,
  )({
    default: 1000,
    desc: 'Milliseconds between two sweeps for connected recipients whose wake-up was lost.',
  }),
  DELIVERY_RECONCILE_SECONDS: wholeNumber(
    1,
    86_400,
  )({
    default: 30,
    desc: 'Seconds between two rebuilds of missing queue jobs from PostgreSQL.',
  }),
  PRESENCE_TTL_SECONDS: wholeNumber(
    2,
    3600,
  )({
    default: 30,
    desc: 'Seconds after which a socket that stopped beating counts as gone.',
  }),
  NOTIFICATION_RETENTION_DAYS: wholeNumber(
    0,
    36_500,
  )({
    default: 180,
    desc: 'Days after which notifications that are acknowledged and read are removed. 0 keeps them for ever.',
  }),
  SOCKET_MAX_FRAME_BYTES: wholeNumber(
    4096,
    1_048_576,
  )({
    default: 16_384,
    desc: 'Longest message that a socket may send, in bytes; a longer one closes it.',
  }),
  SOCKET_MESSAGES_PER_SECOND: wholeNumber(
    1,
    100_000,
  )({
    default: 50,
    desc: 'Messages that a socket may send per second, besides one for each that it was sent; more close it.',
  }),
  LOG_LEVEL: str({
    choices: ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
    default: 'info',
    desc: 'How much is logged.',
  }),
  DRAIN_MS: wholeNumber(
    0,
    600_000,
  )({
    default: 250,
    desc: 'Milliseconds after SIGTERM during which requests are still taken, so that load balancers can look away.',
  }),
  SHUTDOWN_SECONDS: wholeNumber(
    1,
    600,
  )({
    default: 20,
    desc: 'Longest time to finish what is in flight after SIGTERM.',
  }),
  FAILPOINT: failpoint({
    default: undefined,
    desc: `For tests alone: where the process kills itself, as name or name@n. One of: ${FAILPOINTS.join(', ')}.`,
    example: 'committed@3',
  }),
};
