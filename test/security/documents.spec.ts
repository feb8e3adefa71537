// What a document may be, in production: nothing of the schema is told, nothing too large is executed, nothing but
// GraphQL over HTTP as its specification has it is taken.
import { readFileSync } from 'node:fs';
import { serverAudits } from 'graphql-http';
import { RoostProcess } from '../support/process.js';
import { cloneDatabase } from '../support/services.js';
import { SANDBOX_DOCUMENT } from '../../src/platform/graphql/sandbox.js';
import { type Json } from '../support/api.js';
import { TestApp } from '../support/app.js';
import { processSettings } from '../support/settings.js';

interface Answer {
  status: number;
  text: string;
  body: Json;
}

async function send(url: string, init: RequestInit): Promise<Answer> {
  const response = await fetch(url, init);
  const text = await response.text();
  return { status: response.status, text, body: text.startsWith('{') ? JSON.parse(text) : null };
}

const json = (body: unknown): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

describe('a production server', () => {
  let app: TestApp;
  let url: string;
  const ask = (query: string, variables: object = {}) => send(url, json({ query, variables }));

  beforeAll(async () => {
    app = await TestApp.start({ NODE_ENV: 'production' });
    url = `${app.url}/graphql`;
  });

  afterAll(() => app.stop());

  describe('tells nothing of its schema', () => {
    const GENERIC = {
      errors: [
        {
          message: 'This is not a valid GraphQL document for this API.',
          extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
        },
      ],
    };

    it.each([
      ['introspection', '{ __schema { types { name fields { name } } } }'],
      ['introspection of a type', '{ __type(name: "User") { fields { name } } }'],
      ['a document that does not parse', '{ getCities { '],
      ['a field that is nearly right', '{ getCitie { status } }'],
      ['several fields that are wrong', '{ a b getCities { c d } }'],
      ['a missing selection', '{ getCities }'],
      ['an argument that is nearly right', '{ getUser(ids: "x") { status } }'],
      ['a type that is nearly right', 'query ($a: PlaceFilte) { searchPlaces(filter: $a) { status } }'],
      ['an enum value that is nearly right', '{ getBookings(status: PENDIN) { status } }'],
      ['an input field that is nearly right', '{ searchPlaces(filter: { guest: 1 }) { status } }'],
      ['a fragment on a type that is nearly right', '{ ...on Quer { __typename } }'],
      ['an unknown directive', '{ __typename @skp(if: true) }'],
    ])('%s gets the one generic answer', async (_, query) => {
      const { status, body } = await ask(query);
      expect({ status, body }).toEqual({ status: 400, body: GENERIC });
    });

    it('a refused variable names no other field or value', async () => {
      const byField = await ask('query ($f: PlaceFilter) { searchPlaces(filter: $f) { status } }', {
        f: { gests: 1 },
      });
      const byValue = await ask('query ($s: BookingStatus) { getBookings(status: $s) { status } }', {
        s: 'PENDIN',
      });
      for (const { status, body, text } of [byField, byValue]) {
        expect({ status, code: body.errors[0].extensions.code }).toEqual({
          status: 400,
          code: 'BAD_USER_INPUT',
        });
        expect(text).not.toMatch(/did you mean|guests|PENDING/i);
      }
    });

    it('guessing thousands of names, as clairvoyance does, recovers none', async () => {
      const schema = readFileSync('schema.graphql', 'utf8');
      const names = [...new Set(schema.match(/\b[a-z][A-Za-z]{2,}\b/g))];
      expect(names.length).toBeGreaterThan(300);
      for (let at = 0; at < names.length; at += 60) {
        // Each guess is one letter off, where a helpful server would offer the right name.
        const guesses = names.slice(at, at + 60).map((name) => `${name.slice(0, -1)}_`);
        const { body } = await ask(`{ ${guesses.join(' ')} }`);
        expect(body).toEqual(GENERIC);
      }
    });

    it('no page, no trace, no stack', async () => {
      const page = await send(url, { headers: { accept: 'text/html' } });
      expect(page.status).toBe(400);
      expect(page.text).not.toMatch(/<html|sandbox/i);
      for (const { text } of [
        await ask('{ getCities { status } }'),
        await send(url, json(null)),
        await ask('qwerty'),
      ]) {
        expect(text).not.toMatch(/tracing|stacktrace|node_modules|\.js:|at .+\(/);
      }
    });
  });

  describe('shows none of the weaknesses that graphql-cop looks for', () => {
    const refused = async (answer: Promise<Answer>) => {
      const { status, body } = await answer;
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
      expect(body?.data).toBeUndefined();
      return body;
    };

    it('alias overloading', async () => {
      const aliases = Array.from({ length: 101 }, (_, index) => `alias${index}: __typename`);
      await refused(ask(`query cop { ${aliases.join(' ')} }`));
    });
    it('array-based batching', () =>
      refused(send(url, json(Array.from({ length: 10 }, () => ({ query: 'query cop { __typename }' }))))));
    it('directive overloading', async () => {
      const body = await refused(ask(`query cop { __typename ${'@aa'.repeat(10)} }`));
      expect(body.errors).toHaveLength(1);
    });
    it('circular introspection', () =>
      refused(
        ask(
          'query cop { __schema { types { fields { type { fields { type { fields { type { name } } } } } } } } }',
        ),
      ));
    it('field duplication', () => refused(ask(`query cop { ${'__typename \n'.repeat(500)} }`)));
    it('mutations by GET', () =>
      refused(send(`${url}?query=${encodeURIComponent('mutation cop { __typename }')}`, {})));
    it('queries by GET from a page', () =>
      refused(send(`${url}?query=${encodeURIComponent('query cop { __typename }')}`, {})));
    it('form posts', () =>
      refused(
        send(url, { method: 'POST', body: new URLSearchParams({ query: 'query cop { __typename }' }) }),
      ));
    it('an IDE', async () => {
      for (const path of ['/graphiql', '/playground', '/console', '/graphql/console', '/']) {
        const { text } = await send(`${app.url}${path}`, { headers: { accept: 'text/html' } });
        expect(text).not.toMatch(/<html|<script|graphql-playground|sandbox/i);
      }
    });
    it('field suggestions', async () => {
      const body = await refused(ask('query cop { __schema { directive } }'));
      expect(JSON.stringify(body)).not.toContain('Did you mean');
    });
    it('tracing', async () => {
      const { body } = await ask('query cop { __typename }');
      expect(body).toEqual({ data: { __typename: 'Query' } });
    });
    it('unhandled errors', async () => {
      const body = await refused(ask('qwerty cop { abc }'));
      expect(JSON.stringify(body)).not.toMatch(/exception|stacktrace/);
    });
  });

  describe('refuses what asks for too much', () => {
    const limited = async (query: string, variables?: object) => {
      const { status, body } = await ask(query, variables);
      expect({ status, code: body.errors?.[0].extensions.code }).toEqual({
        status: 400,
        code: 'DOCUMENT_LIMIT',
      });
      return body.errors[0].message as string;
    };
    const fine = async (query: string, variables?: object) => {
      const { status, body } = await ask(query, variables);
      expect({ status, errors: body.errors }).toEqual({ status: 200, errors: undefined });
    };
    const ID = '01890c5e-6f2a-7c3b-9d4e-0123456789ab';
    const nested = (levels: number) => {
      // getPlace, data, then owner and profile by turns, and a leaf.
      const inner = Array.from({ length: levels - 3 }, (_, index) =>
        index % 2 === 0 ? 'owner {' : 'profile {',
      );
      return `{ getPlace(id: "${ID}") { data { ${inner.join(' ')} id ${'}'.repeat(inner.length)} } } }`;
    };

    it('tokens, on both sides of the edge', async () => {
      // A document holds three tokens more than its fields; the parser counts its start, too.
      const names = (count: number) => `{ getCities { ${'status '.repeat(count)} } }`;
      expect(await limited(names(1996))).toContain('2000 tokens');
      const { body } = await ask(names(1995));
      expect(body.errors[0].message).not.toContain('tokens');
    });

    it('depth, on both sides of the edge, and through fragments', async () => {
      await fine(nested(12));
      expect(await limited(nested(13))).toContain('13 levels of fields');
      await limited(`
        query { getPlace(id: "${ID}") { data { ...A } } }
        fragment A on Place { owner { ...B } }
        fragment B on User { profile { owner { profile { owner { ...C } } } } }
        fragment C on User { profile { owner { profile { owner { profile { id } } } } } }
      `);
    });

    it('fields, on both sides of the edge, and through fragments', async () => {
      const fields = (count: number) => `{ getCities { ${'status '.repeat(count - 1)} } }`;
      await fine(fields(400));
      expect(await limited(fields(401))).toContain('401 fields');
      // Ten levels of spreading twice: 1,024 fields out of twenty spreads.
      const spreads = Array.from(
        { length: 10 },
        (_, n) => `fragment F${n} on CityConnectionResponse { ...F${n + 1} ...F${n + 1} }`,
      );
      await limited(
        `{ getCities { ...F0 } } ${spreads.join(' ')} fragment F10 on CityConnectionResponse { status }`,
      );
    });

    it('aliases, on both sides of the edge, and through fragments', async () => {
      const aliases = (count: number) =>
        Array.from({ length: count }, (_, index) => `a${index}: status`).join(' ');
      await fine(`{ getCities { ${aliases(50)} } }`);
      expect(await limited(`{ getCities { ${aliases(51)} } }`)).toContain('51 aliases');
      await limited(`{ getCities { ...A ...B } }
        fragment A on CityConnectionResponse { ${aliases(30)} } fragment B on CityConnectionResponse { ${aliases(30)} }`);
    });

    it('directives, on both sides of the edge, and through fragments', async () => {
      const directives = (count: number) =>
        Array.from({ length: count }, (_, n) => `${n % 2 ? 'status' : 'message'} @skip(if: false)`).join(' ');
      await fine(`{ getCities { ${directives(20)} } }`);
      expect(await limited(`{ getCities { ${directives(21)} } }`)).toContain('21 directives');
      await limited(
        `{ getCities { ...A @include(if: true) } } fragment A on CityConnectionResponse { ${directives(20)} }`,
      );
    });

    it('objects, with pages at their full length, from literals and from variables', async () => {
      const reviews = (places: string, first: string, declare = '') =>
        `query ${declare} { searchPlaces(first: ${places}) { data { nodes { reviews(first: ${first}) { nodes { id } } } } } }`;
      await fine(reviews('96', '100'));
      expect(await limited(reviews('100', '100'))).toMatch(/asks for 10\d\d\d objects in the answer/);
      await fine(reviews('$n', '100', '($n: Int)'), { n: 5 });
      await limited(reviews('$n', '100', '($n: Int)'), { n: 100 });
      await limited(reviews('$n', '100', '($n: Int = 100)'));
      // edges and nodes both cost.
      await limited(
        `{ searchPlaces(first: 100) { data { edges { node { reviews(first: 40) { nodes { id } } } } nodes { reviews(first: 60) { nodes { id } } } } } }`,
      );
      // Nobody gets around it with a page that is none.
      await limited(reviews('1000000', '100'));
    });

    it('pages over 100, by name', async () => {
      const { body } = await ask('{ getCities(first: 101) { code fieldErrors { path } } }');
      expect(body.data.getCities).toEqual({ code: 'INVALID_INPUT', fieldErrors: [{ path: 'first' }] });
    });

    it('bodies over the limit, on both sides of the edge', async () => {
      const body = (bytes: number) => {
        const start = '{"query":"{ getCities { status } }","variables":{"x":"';
        return `${start}${'x'.repeat(bytes - start.length - 3)}"}}`;
      };
      const post = (bytes: number) => send(url, { ...json(null), body: body(bytes) });
      expect((await post(256 * 1024)).status).toBe(200);
      const { status, body: answer } = await post(256 * 1024 + 1);
      expect({ status, message: answer.message }).toEqual({
        status: 413,
        message: 'Request body is too large',
      });
    });

    it('is far from what the Sandbox document and the README ask for', async () => {
      const small = await TestApp.start({
        GRAPHQL_MAX_TOKENS: '1000',
        GRAPHQL_MAX_DEPTH: '6',
        GRAPHQL_MAX_FIELDS: '40',
        GRAPHQL_MAX_ALIASES: '0',
        GRAPHQL_MAX_DIRECTIVES: '0',
        GRAPHQL_MAX_OBJECTS: '1000',
      });
      try {
        const operations = [...SANDBOX_DOCUMENT.matchAll(/^(?:query|mutation) (\w+)/gm)].map(
          ([, name]) => name,
        );
        expect(operations.length).toBeGreaterThan(5);
        const variables = {
          cityId: ID,
          placeId: ID,
          bookingId: ID,
          checkIn: '2030-01-01',
          checkOut: '2030-01-02',
        };
        for (const operationName of operations) {
          const { status, body } = await send(
            `${small.url}/graphql`,
            json({ query: SANDBOX_DOCUMENT, operationName, variables }),
          );
          expect({ operationName, status, errors: body.errors }).toEqual({
            operationName,
            status: 200,
            errors: undefined,
          });
        }
      } finally {
        await small.stop();
      }
    });
  });
});

describe('GraphQL over HTTP', () => {
  let roost: RoostProcess;

  beforeAll(async () => {
    roost = await RoostProcess.start(processSettings(await cloneDatabase()));
  });

  afterAll(() => roost.end());

  // The audits' GET requests come without the header by which a script, other than a page, shows that it is one.
  const audits = (): ReturnType<typeof serverAudits> =>
    serverAudits({
      url: () => `${roost.url}/graphql`,
      fetchFn: (input: string, init: RequestInit = {}) =>
        fetch(input, {
          ...init,
          headers: { 'apollo-require-preflight': 'true', ...(init.headers as object) },
        }),
    });

  it('passes every audit of graphql-http', async () => {
    const all = audits();
    expect(all.length).toBeGreaterThanOrEqual(61);
    const results = await Promise.all(
      all.map(async ({ name, fn }) => ({ name, status: (await fn()).status })),
    );
    const failed = results
      .filter(({ status }) => status !== 'ok')
      .map(({ name, status }) => `${status}: ${name}`);
    expect(failed).toEqual([]);
  });

  it.each([
    [
      'a mutation by GET',
      405,
      (url: string) =>
        send(`${url}?query=${encodeURIComponent('mutation { signOutEverywhere { status } }')}`, {
          headers: { 'apollo-require-preflight': '1' },
        }),
    ],
    [
      'a form post',
      400,
      (url: string) => send(url, { method: 'POST', body: new URLSearchParams({ query: '{ __typename }' }) }),
    ],
    [
      'text/plain',
      400,
      (url: string) =>
        send(url, {
          method: 'POST',
          headers: { 'content-type': 'text/plain' },
          body: '{"query":"{ __typename }"}',
        }),
    ],
    [
      'no content type',
      415,
      (url: string) => send(url, { method: 'POST', body: new Blob(['{"query":"{ __typename }"}']) }),
    ],
  ])('refuses %s', async (_, wanted, request) => {
    const { status, body } = await request(`${roost.url}/graphql`);
    expect({ status, data: body?.data }).toEqual({ status: wanted, data: undefined });
  });
});
