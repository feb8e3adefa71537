// Everything that the stores keep, as an attacker with a copy of them would read it.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Redis } from 'ioredis';
import type pg from 'pg';
import { services } from './services.js';

/** A part of a store by name, and its bytes. */
export type Dump = Map<string, Buffer>;

/** Every row of every table, as text. */
export async function dumpTables(sql: pg.Pool): Promise<Dump> {
  const { rows: tables } = await sql.query<{ name: string }>(
    `SELECT oid::regclass::text AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`,
  );
  const dump: Dump = new Map();
  for (const { name } of tables) {
    const { rows } = await sql.query<{ row: string }>(`SELECT t::text AS row FROM ${name} t`);
    dump.set(`table ${name}`, Buffer.from(rows.map(({ row }) => row).join('\n')));
  }
  return dump;
}

/** The files of the database, the write-ahead log since `since`, and the server's own log. */
export async function dumpFiles(sql: pg.Pool, since: Date): Promise<Dump> {
  await sql.query('CHECKPOINT');
  const { rows } = await sql.query<{ folder: string; oid: number }>(
    `SELECT current_setting('data_directory') AS folder, oid FROM pg_database WHERE datname = current_database()`,
  );
  const [{ folder, oid }] = rows as [{ folder: string; oid: number }];
  const files = [
    ...filesIn(join(folder, 'base', String(oid))),
    ...filesIn(join(folder, 'pg_wal')).filter((file) => statSync(file).mtime >= since),
    ...filesIn(dirname(folder)),
  ];
  return new Map(files.map((file) => [`file ${file}`, readFileSync(file)]));
}

/** Every key and value of Redis, queue included, and the log of all commands that it keeps on disk. */
export async function dumpRedis(): Promise<Dump> {
  const redis = new Redis(services().redisUrl);
  try {
    const dump: Dump = new Map();
    for (const key of await redis.keys('*')) dump.set(`key ${key}`, Buffer.from(await valueOf(redis, key)));
    const [, folder = ''] = (await redis.config('GET', 'dir')) as string[];
    const [, inner = ''] = (await redis.config('GET', 'appenddirname')) as string[];
    for (const file of filesIn(join(folder, inner))) dump.set(`file ${file}`, readFileSync(file));
    return dump;
  } finally {
    redis.disconnect();
  }
}

async function valueOf(redis: Redis, key: string): Promise<string> {
  const type = await redis.type(key);
  const value =
    type === 'hash'
      ? await redis.hgetall(key)
      : type === 'list'
        ? await redis.lrange(key, 0, -1)
        : type === 'set'
          ? await redis.smembers(key)
          : type === 'zset'
            ? await redis.zrange(key, 0, -1)
            : type === 'stream'
              ? await redis.xrange(key, '-', '+')
              : await redis.get(key);
  return `${key} ${JSON.stringify(value)}`;
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => join(folder, name));
}

/** Where the text is found, in any of the forms that it could have been written in. */
export function placesOf(text: string, dump: Dump): string[] {
  const forms = [text, text.toLowerCase(), text.toUpperCase()].flatMap((form) => {
    const bytes = Buffer.from(form);
    // Base64 of its middle, at each of the three offsets that it may have there.
    const base64 = [0, 1, 2].map((skip) => bytes.subarray(skip, skip + 12).toString('base64'));
    return [
      form,
      bytes.toString('hex'),
      ...base64,
      encodeURIComponent(form),
      JSON.stringify(form).slice(1, -1),
    ];
  });
  return [...dump].filter(([, bytes]) => forms.some((form) => bytes.includes(form))).map(([name]) => name);
}
