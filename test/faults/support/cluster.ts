// A whole Roost to break: stores, servers and workers as real processes, people with devices, and the judge.
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { freePort } from '../../../scripts/services/processes.js';
import type { TestApp } from '../../support/app.js';
import { RoostProcess } from '../../support/process.js';
import { processSettings } from '../../support/settings.js';
import { type Person, World } from '../../support/world.js';
import { CursorWatch, drain, judge, type Verdict } from './checker.js';
import { Device, type DeviceOptions } from './device.js';
import { Load, type Household } from './load.js';
import { Stores } from './stores.js';

type Settings = Record<string, string>;

/** One server: keeps its port, so that it can be ended and started again. */
export class Instance {
  roost: RoostProcess | null = null;

  constructor(
    readonly port: number,
    private readonly settings: () => Settings,
    private readonly entry: 'main' | 'worker',
  ) {}

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get process(): RoostProcess {
    if (this.roost === null) throw new Error('This instance does not run.');
    return this.roost;
  }

  async start(overrides: Settings = {}): Promise<this> {
    this.roost = await RoostProcess.start(
      { ...this.settings(), PORT: String(this.port), ...overrides },
      this.entry,
    );
    return this;
  }

  /** Another one in its place, at once. */
  async restart(overrides: Settings = {}): Promise<void> {
    if (this.roost !== null) await this.end('SIGKILL');
    await this.start(overrides);
  }

  /** Ends it; answers the exit code. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    const code = await this.process.end(signal);
    this.roost = null;
    return code;
  }

  /** Waits until it dies by itself. */
  async died(): Promise<NodeJS.Signals | null> {
    await this.process.exited();
    const { signalCode } = this.process.child;
    this.roost = null;
    return signalCode;
  }

  signal(signal: NodeJS.Signals): void {
    this.process.child.kill(signal);
  }
}

export class Cluster {
  readonly instances: Instance[] = [];
  devices: Device[] = [];
  private watch: CursorWatch | null = null;

  private constructor(
    readonly stores: Stores,
    readonly sql: pg.Pool,
    private readonly settings: Settings,
  ) {}

  static async start(settings: Settings = {}): Promise<Cluster> {
    const stores = await Stores.start();
    const sql = new pg.Pool({ connectionString: stores.databaseUrl, max: 4 });
    sql.on('error', () => undefined);
    return new Cluster(stores, sql, {
      LOG_LEVEL: 'warn',
      REDIS_PREFIX: 'roost',
      ACCESS_TOKEN_SECONDS: '7200',
      ...settings,
    });
  }

  /** A further server (or worker), started. */
  async add(overrides: Settings = {}, entry: 'main' | 'worker' = 'main'): Promise<Instance> {
    const settings = () =>
      processSettings(this.stores.databaseUrl, { REDIS_URL: this.stores.redisUrl, ...this.settings });
    const instance = new Instance(await freePort(), settings, entry);
    if (entry === 'main') this.instances.push(instance);
    return instance.start(overrides);
  }

  /** Servers that were not ended. */
  readonly urls = (): string[] => this.instances.map(({ url }) => url);

  world(instance = this.instances[0]): World {
    return new World({ api: instance?.process.api, sql: this.sql } as unknown as TestApp);
  }

  /** Landlords with a place and a guest each. */
  async households(count: number, world = this.world()): Promise<Household[]> {
    const made: Household[] = [];
    for (let n = 0; n < count; n++) {
      const [landlord, tenant] = await Promise.all([world.landlord(), world.tenant()]);
      const { id: placeId } = await world.place(landlord);
      made.push({ landlord, tenant, placeId: placeId as string });
    }
    return made;
  }

  /** Gives people devices, and watches their cursors from now on. */
  listen(people: readonly Person[], options: Partial<DeviceOptions> = {}): Device[] {
    const devices = people.map((person) => new Device(person, { urls: this.urls, ...options }));
    this.devices.push(...devices);
    this.watch ??= new CursorWatch(this.sql, this.devices);
    return devices;
  }

  load(households: readonly Household[], options?: { pauseMs?: number; urls?: () => string[] }): Load {
    return new Load(options?.urls ?? this.urls, options).start(households);
  }

  /** What watches the cursors; null while nobody listens. */
  get cursor(): CursorWatch | null {
    return this.watch;
  }

  /** After the fault was healed: lets everything arrive, and judges all that was ever committed. */
  async verdict(
    load?: Load,
    timeoutMs = 60_000,
  ): Promise<Verdict & { wrongAnswers: string[]; bookingsGone: number }> {
    await drain(this.sql, this.devices, timeoutMs);
    // What should not come any more would come now.
    await sleep(300);
    await this.watch?.stop();
    const verdict = await judge(this.sql, this.devices, this.watch);
    const { rows } = await this.sql.query<{ key: string; id: string }>(
      'SELECT r.idempotency_key AS key, r.booking_id AS id FROM booking_request r JOIN booking b ON b.id = r.booking_id',
    );
    const stored = new Map(rows.map(({ key, id }) => [key, id]));
    const gone = [...(load?.answered ?? [])].filter(([key, id]) => stored.get(key) !== id);
    return { ...verdict, wrongAnswers: load?.wrong ?? [], bookingsGone: gone.length };
  }

  /** People go home; servers stay. */
  async clear(): Promise<void> {
    for (const device of this.devices) device.stop();
    await this.watch?.stop();
    this.watch = null;
    this.devices = [];
  }

  async stop(): Promise<void> {
    await this.clear();
    for (const { roost } of this.instances) {
      roost?.child.kill('SIGCONT');
      await roost?.end('SIGKILL');
    }
    await this.sql.end();
    await this.stores.stop();
  }
}

/** What a verdict must say; how much there was to tell is for the test. */
export const FLAWLESS = {
  lost: 0,
  doubled: 0,
  outOfOrder: 0,
  neverCommitted: 0,
  misdelivered: 0,
  cursorFaults: 0,
  wrongAnswers: [],
  bookingsGone: 0,
};
