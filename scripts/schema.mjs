// The GraphQL schema of the compiled code: `npm run schema` writes it to schema.graphql, `--check` compares with it.
import 'reflect-metadata';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { diff } from '@graphql-inspector/core';
import { NestFactory } from '@nestjs/core';
import { GraphQLSchemaBuilderModule, GraphQLSchemaFactory } from '@nestjs/graphql';
import { buildSchema, lexicographicSortSchema, printSchema } from 'graphql';

const FILE = 'schema.graphql';
const HEADER = '# Generated from the code by `npm run schema`; compared with it by `npm run check`.\n\n';

const { AppModule } = await import(new URL('../dist/src/app.module.js', import.meta.url).href);
const { readEnv } = await import(new URL('../dist/src/config/env.js', import.meta.url).href);
const key = (byte) => `k:${Buffer.alloc(32, byte).toString('base64')}`;
const env = readEnv({
  DATABASE_URL: 'postgres://nowhere',
  REDIS_URL: 'redis://nowhere',
  // Nothing is signed or stored here: any keys will do.
  JWT_SECRET: 'unused',
  DATA_KEYS: key(1),
  EMAIL_INDEX_KEYS: key(2),
});

const app = await NestFactory.createApplicationContext(GraphQLSchemaBuilderModule, { logger: false });
const schema = await app
  .get(GraphQLSchemaFactory)
  .create([...resolversIn(AppModule.register(env), new Set())], {
    numberScalarMode: 'integer',
  });
const printed = HEADER + printSchema(lexicographicSortSchema(schema)) + '\n';

if (!process.argv.includes('--check')) {
  writeFileSync(FILE, printed);
  console.log(`Wrote ${FILE}.`);
} else if (!existsSync(FILE) || readFileSync(FILE, 'utf8') !== printed) {
  const committed = existsSync(FILE)
    ? buildSchema(readFileSync(FILE, 'utf8'))
    : buildSchema('type Query { nothing: Int }');
  for (const { message, criticality } of await diff(committed, schema))
    console.error(`${criticality.level}: ${message}`);
  console.error(
    `${FILE} is not the schema of the code. If the change is meant, run npm run schema and commit it.`,
  );
  process.exitCode = 1;
}

/** Every resolver that a module and those it imports provide. */
function* resolversIn(module, seen) {
  if (seen.has(module)) return;
  seen.add(module);
  const type = module.module ?? module;
  const listed = (key) => [...(Reflect.getMetadata(key, type) ?? []), ...(module[key] ?? [])];
  for (const provider of listed('providers')) {
    if (typeof provider === 'function' && provider.name.endsWith('Resolver')) yield provider;
  }
  for (const imported of listed('imports')) yield* resolversIn(imported, seen);
}
