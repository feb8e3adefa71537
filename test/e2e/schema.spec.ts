// The schema as a reader of Apollo Sandbox meets it.
import { readFileSync } from 'node:fs';
import { GraphQLSchemaHost } from '@nestjs/graphql';
import {
  buildSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isSpecifiedScalarType,
  lexicographicSortSchema,
  parse,
  printSchema,
  validate,
} from 'graphql';
import {
  DEMO_LANDLORD,
  DEMO_TENANT,
  SANDBOX_DOCUMENT,
  sandboxVariables,
} from '../../src/platform/graphql/sandbox.js';
import type { Json } from '../support/api.js';
import { TestApp } from '../support/app.js';
import { World } from '../support/world.js';

const committed = buildSchema(readFileSync('schema.graphql', 'utf8'));

describe('the schema', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start();
  });

  afterAll(() => app.stop());

  it('is the committed one', () => {
    const { schema } = app.nest.get(GraphQLSchemaHost, { strict: false });
    expect(printSchema(lexicographicSortSchema(schema))).toBe(printSchema(committed));
  });

  it('describes every type, field, argument and enum value', () => {
    const bare: string[] = [];
    const note = (name: string, { description }: { description?: string | null }) => {
      if (!description) bare.push(name);
    };
    for (const type of Object.values(committed.getTypeMap())) {
      if (
        type.name.startsWith('__') ||
        isSpecifiedScalarType(type) ||
        ['Query', 'Mutation'].includes(type.name)
      )
        continue;
      note(type.name, type);
    }
    for (const type of Object.values(committed.getTypeMap()).filter(({ name }) => !name.startsWith('__'))) {
      if (isEnumType(type)) for (const value of type.getValues()) note(`${type.name}.${value.name}`, value);
      if (isObjectType(type) || isInterfaceType(type) || isInputObjectType(type)) {
        for (const field of Object.values(type.getFields())) {
          note(`${type.name}.${field.name}`, field);
          if ('args' in field)
            for (const argument of field.args) note(`${type.name}.${field.name}(${argument.name})`, argument);
        }
      }
    }
    expect(bare).toEqual([]);
  });

  it('lets every operation say which errors to expect', () => {
    for (const type of [committed.getQueryType(), committed.getMutationType()]) {
      for (const { name, description } of Object.values(type?.getFields() ?? {})) {
        expect(`${name}: ${description ?? ''}`).toMatch(/Errors: [A-Z_]+/);
      }
    }
  });

  describe("Sandbox's document", () => {
    it('fits the schema', () => {
      expect(validate(committed, parse(SANDBOX_DOCUMENT)).map(({ message }) => message)).toEqual([]);
    });

    it('can be run from top to bottom', async () => {
      const { api } = app;
      for (const [account, role, displayName] of [
        [DEMO_LANDLORD, 'LANDLORD', 'Linh'],
        [DEMO_TENANT, 'TENANT', 'Jonas'],
      ] as const) {
        await api.must('signUp', { input: { ...account, role, displayName } });
      }
      const cityId = await new World(app).addCity(await new World(app).landlord(), { name: 'Hà Nội' });
      const variables: Json = { ...sandboxVariables(new Date()), cityId };
      const run = async (operationName: string, token?: string) => {
        const response = await fetch(`${app.url}/graphql`, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            ...(token ? { authorization: `Bearer ${token}` } : {}),
          },
          body: JSON.stringify({ query: SANDBOX_DOCUMENT, operationName, variables }),
        });
        const { data, errors } = (await response.json()) as Json;
        expect(errors).toBeUndefined();
        for (const { status, message } of Object.values<Json>(data))
          expect({ status, message }).toEqual({ status: expect.stringMatching(/^(OK|CREATED)$/), message });
        return data;
      };
      const landlord = (await run('SignInAsLandlord')).signIn.data.accessToken;
      await run('WhoAmI', landlord);
      expect((await run('Cities', landlord)).getCities.data.nodes).toMatchObject([{ id: cityId }]);
      variables.placeId = (await run('OfferPlace', landlord)).createPlace.data[0].id;
      expect((await run('FindPlaces')).searchPlaces.data.nodes).toHaveLength(1);
      const tenant = (await run('SignInAsTenant')).signIn.data.accessToken;
      variables.bookingId = (await run('AskToBook', tenant)).createPendingBooking.data.id;
      expect((await run('WhatWaitsForMe', landlord)).getNotifications.data.unreadCount).toBe(1);
      expect((await run('Accept', landlord)).activatePendingBooking.data.status).toBe('ACTIVE');
    });
  });
});
