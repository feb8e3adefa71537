// docker-compose.yml: what it brings up, and, where docker compose is there, that it understands the file.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { readEnv } from '../../src/config/env.js';
import { KEYS } from '../support/keys.js';

const file = parse(readFileSync('docker-compose.yml', 'utf8'), { merge: true });

/** What whoever runs it must give. */
const GIVEN = { JWT_SECRET: 'x'.repeat(40), DATA_KEYS: KEYS.data[0], EMAIL_INDEX_KEYS: KEYS.index[0] };

/** docker compose, or its older form with a hyphen, or nothing. */
const COMPOSE = [['docker', 'compose'], ['docker-compose']].find(
  ([program = '', ...args]) => spawnSync(program, [...args, 'version']).status === 0,
);

describe('docker-compose.yml', () => {
  it('brings up app, worker, PostgreSQL and Redis, each with a health check', () => {
    for (const name of ['app', 'worker', 'postgres', 'redis']) {
      expect(file.services[name].healthcheck.test.length).toBeGreaterThan(1);
    }
    expect(file.services.worker.command).toContain('dist/src/worker.js');
    expect(file.services.migrate.command).toContain('dist/src/migrate.js');
    expect(file.services.app.depends_on.migrate.condition).toBe('service_completed_successfully');
  });

  it('keeps the data in volumes, Redis with AOF and without eviction', () => {
    expect(Object.keys(file.volumes).sort()).toEqual(['certificates', 'postgres', 'redis']);
    for (const name of ['postgres', 'redis'])
      expect(file.services[name].volumes[0]).toMatch(new RegExp(`^${name}:/`));
    expect(file.services.redis.command.join(' ')).toContain('--appendonly yes');
    expect(file.services.redis.command.join(' ')).toContain('--maxmemory-policy noeviction');
  });

  it('puts a proxy that speaks HTTPS in front where it is asked to', () => {
    const { proxy, app } = file.services;
    expect(proxy.profiles).toEqual(['https']);
    expect(proxy.command).toContain('app:3000');
    expect(proxy.ports).toContain('443:443');
    expect(proxy.volumes[0]).toMatch(/^certificates:/);
    expect(app.environment.TRUSTED_PROXIES).toBeDefined();
  });

  it('gives the application settings that it understands', () => {
    const environment = { ...file.services.app.environment, ...GIVEN, CORS_ORIGINS: '', TRUSTED_PROXIES: '' };
    const env = readEnv({ ...environment, DATABASE_URL: environment.DATABASE_URL.replace(/\$\{.*?\}/, 'x') });
    expect(env).toMatchObject({ NODE_ENV: 'production', WORKER: 'apart', HOST: '0.0.0.0' });
  });

  it.each(Object.keys(GIVEN))('wants %s', (name) => {
    expect(file.services.app.environment[name]).toMatch(new RegExp(`^\\$\\{${name}:\\?`));
  });

  it('is understood by docker compose, where that is there', () => {
    const config = (given: Record<string, string>) => {
      const [program = '', ...args] = COMPOSE ?? [];
      return spawnSync(program, [...args, '--file', 'docker-compose.yml', 'config'], {
        env: { ...process.env, ...given },
      }).status;
    };
    expect(COMPOSE === undefined || config(GIVEN) === 0).toBe(true);
    expect(COMPOSE === undefined || config({ ...GIVEN, DATA_KEYS: '' }) !== 0).toBe(true);
  });
});
