// The PostgreSQL and Redis that the tests share, and a database of its own for each test file.
import { randomBytes } from 'node:crypto';
import pg from 'pg';

export interface Services {
  /** Without a database's name. */
  postgresUrl: string;
  redisUrl: string;
  /** A migrated, empty database to clone. */
  template: string;
}

export function services(): Services {
  const told = process.env.ROOST_TEST_SERVICES;
  if (told === undefined)
    throw new Error('Run the tests with npm test: it starts their PostgreSQL and Redis.');
  return JSON.parse(told) as Services;
}

/** A name that no other test file uses. */
export function uniqueName(): string {
  return `t${randomBytes(6).toString('hex')}`;
}

/** A fresh, migrated database; answers its address. */
export async function cloneDatabase(name = uniqueName()): Promise<string> {
  const { postgresUrl, template } = services();
  await administer(`CREATE DATABASE ${name} TEMPLATE ${template}`);
  return `${postgresUrl}${name}`;
}

/** Runs a statement on the server itself, outside every test's database. */
export async function administer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: `${services().postgresUrl}postgres` });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
