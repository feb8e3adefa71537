// Random valid documents with random and hostile values, made from the schema itself: whatever comes, the server answers
// in its own words, lives, and does not grow.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import type { TestApp } from '../support/app.js';
import { fieldOf, type Pool, SCHEMA } from '../support/documents.js';
import { RoostProcess } from '../support/process.js';
import { cloneDatabase } from '../support/services.js';
import { processSettings } from '../support/settings.js';
import { World } from '../support/world.js';

const BATCH = 50;
const BATCHES = 200;

/** Texts that break careless code. */
const hostileText = fc.oneof(
  fc.constantFrom(
    '\0',
    'a\0b',
    'a\ud800',
    '\udfffx',
    '\u202e',
    '%',
    '_',
    "';--",
    'x'.repeat(20_000),
    '9'.repeat(400),
  ),
  fc.string({ unit: 'binary', maxLength: 100 }),
);

/** Values that break careless code. */
const hostile: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    '',
    ' ',
    '\0',
    'a\0b',
    '\ud800',
    'x\udfff',
    '\u202e\u0000',
    '💥'.repeat(70),
    'x'.repeat(20_000),
    "'; DROP TABLE users; --",
    '%',
    '_%_',
    '{{7*7}}',
    '$where',
    '../../etc/passwd',
    '__proto__',
    'constructor',
    Number.MAX_SAFE_INTEGER + 2,
    -1,
    0,
    1e308,
    -1e308,
    5e-324,
    2 ** 31,
    2 ** 63,
    -0.5,
    '9'.repeat(400),
    '2027-02-30',
    '-0001-01-01',
    '+275760-09-13',
    'infinity',
    'now',
    true,
    [],
    {},
    [[[[[]]]]],
    { __proto__: { a: 1 }, length: -1 },
    { toString: null, valueOf: 1 },
  ),
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.double(),
  fc.integer(),
  fc.jsonValue({ maxDepth: 6 }),
  // JSON nested deeper than anybody needs.
  fc
    .integer({ min: 50, max: 2000 })
    .map((depth) => JSON.parse('['.repeat(depth) + ']'.repeat(depth)) as unknown),
);

/** Every place in the variables where a value stands, as paths. */
function leavesOf(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [path];
  const within = Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, [...path, key]));
  return path.length === 0 ? within : [path, ...within];
}

function found(value: unknown, path: string[]): unknown {
  return path.reduce<unknown>((within, key) => (within as Record<string, unknown>)[key], value);
}

/** The same with another value at that place. */
function replaced(value: unknown, [key, ...rest]: string[], by: unknown): unknown {
  if (key === undefined) return by;
  if (Array.isArray(value))
    return value.map((item, index) => (String(index) === key ? replaced(item, rest, by) : item));
  const record = value as Record<string, unknown>;
  return { ...record, [key]: replaced(record[key], rest, by) };
}

interface Request {
  query: string;
  variables: Record<string, unknown>;
  as: number;
}

function requests(pool: Pool): fc.Arbitrary<Request> {
  const operations = (['query', 'mutation'] as const).flatMap((kind) => {
    const root = kind === 'query' ? SCHEMA.getQueryType() : SCHEMA.getMutationType();
    return Object.values(root?.getFields() ?? {}).map((field) => ({ kind, field }));
  });
  return fc.constantFrom(...operations).chain(({ kind, field }) =>
    fc
      .tuple(
        fieldOf(field, pool, 5, 'v'),
        // Mostly somebody; now and then nobody, or a bad token.
        fc.constantFrom(0, 0, 0, 1, 1, 1, 2, 3),
        // In two of three requests one value, anywhere, is hostile; the others let it through to where it hurts.
        fc.option(fc.tuple(fc.nat(), hostile, hostileText, fc.integer({ min: 0, max: 9 })), { freq: 3 }),
      )
      .map(([{ text: whole, declared, variables }, as, attack]) => {
        const leaves = leavesOf(variables);
        const [position, value, text, chance] = attack ?? [0, null, '', 0];
        const at = attack === null ? undefined : leaves[position % Math.max(1, leaves.length)];
        const isText = at !== undefined && typeof found(variables, at) === 'string';
        const by = isText && chance < 7 ? text : value;
        return {
          query: `${kind} ${declared.length === 0 ? '' : `(${declared.join(', ')})`} { ${whole} }`,
          variables: at === undefined ? variables : (replaced(variables, at, by) as Record<string, unknown>),
          as,
        };
      }),
  );
}

describe('random requests', () => {
  let roost: RoostProcess;
  const pool: Pool = { ids: [], people: [] };

  beforeAll(async () => {
    roost = await RoostProcess.start(processSettings(await cloneDatabase(), { LOG_LEVEL: 'error' }));
    const world = new World({ api: roost.api } as TestApp);
    const [landlord, tenant] = [await world.landlord(), await world.tenant()];
    pool.people.push(landlord, tenant);
    const places = await world.places(landlord, { copies: 2 });
    const pending = await world.ask(tenant, places[0]?.id as string);
    const completed = await world.completed(tenant, landlord, places[1]?.id as string);
    const groups = places.map(({ id, placeCopyId }) => [id as string, placeCopyId as string]).flat();
    pool.ids.push(
      landlord.id,
      tenant.id,
      await world.city(),
      ...groups,
      pending.id as string,
      completed.id as string,
    );
  });

  afterAll(() => roost.end());

  async function freshTokens(): Promise<(string | undefined)[]> {
    const tokens = await Promise.all(
      pool.people.map(async ({ email, password }) => {
        const { data } = await roost.api.call(
          'signIn',
          { input: { email, password } },
          undefined,
          '{ accessToken }',
        );
        // null where a random changePassword hit the mark.
        return (data as { accessToken: string } | null)?.accessToken;
      }),
    );
    return [...tokens, undefined, 'garbage'];
  }

  function residentMb(): number {
    const status = readFileSync(`/proc/${roost.child.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
  }

  it(`${BATCH * BATCHES} of them: none answers 5xx or INTERNAL, the process lives, its memory stays flat`, async () => {
    const resident: number[] = [];
    const reached = new Map<string, number>();
    let sent = 0;
    let tokens: (string | undefined)[] = [];
    async function send({ query, variables, as }: Request): Promise<void> {
      const token = tokens[as];
      const response = await fetch(`${roost.url}/graphql`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
        body: JSON.stringify({ query, variables }),
      });
      const text = await response.text();
      sent++;
      const wrong = response.status >= 500 || /"INTERNAL(_SERVER_ERROR)?"/.test(text);
      if (wrong) throw new Error(`${response.status} ${text.slice(0, 500)}\n${roost.output.slice(-2000)}`);
      // Valid documents all: what is refused is refused for its values.
      if (/GRAPHQL_VALIDATION_FAILED|GRAPHQL_PARSE_FAILED/.test(text)) throw new Error(text.slice(0, 500));
      const kind = response.status === 200 ? 'answered' : 'refused by GraphQL';
      reached.set(kind, (reached.get(kind) ?? 0) + 1);
    }
    await fc.assert(
      fc.asyncProperty(fc.array(requests(pool), { minLength: BATCH, maxLength: BATCH }), async (batch) => {
        // Random sign-outs end sessions; new ones every few batches are enough.
        if (resident.length % 5 === 0) tokens = await freshTokens();
        await Promise.all(
          batch.map(async (request) => {
            await send(request);
            // A query that is known by now takes another road.
            if (request.query.startsWith('query')) await send(request);
          }),
        );
        // Whatever was asked back, a fault is in the log.
        if (roost.output !== '') throw new Error(roost.output.slice(0, 2000));
        resident.push(residentMb());
      }),
      { numRuns: BATCHES, endOnFailure: true },
    );
    expect(sent).toBeGreaterThanOrEqual(BATCH * BATCHES);
    expect(roost.child.exitCode).toBeNull();
    // Otherwise most would have ended at the door.
    expect(reached.get('answered')).toBeGreaterThan(sent / 3);
    const middle = Math.max(...resident.slice(BATCHES / 3, (2 * BATCHES) / 3));
    const last = Math.min(...resident.slice((-2 * BATCHES) / 10));
    expect(last).toBeLessThan(middle * 1.2);
  }, 400_000);
});
