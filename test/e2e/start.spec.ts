// `npm start` as a new user runs it: a folder with nothing but the sources, and no services.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { commandOf, freePort } from '../../scripts/services/processes.js';
import { Api } from '../support/api.js';
import { eventually } from '../support/live.js';

describe('npm start', () => {
  let folder: string;
  let port: number;

  let running: ChildProcess | null = null;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'roost-start-'));
    chmodSync(folder, 0o711);
    const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
      encoding: 'utf8',
    });
    for (const file of files.trim().split('\n')) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      cpSync(file, join(folder, file));
    }
    // The packages are those of this checkout: installing them again would only test npm.
    symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
    port = await freePort();
  });

  afterAll(async () => {
    if (running?.exitCode === null && running.signalCode === null) {
      running.kill('SIGTERM');
      await once(running, 'exit');
    }
    rmSync(folder, { recursive: true, force: true });
  });

  async function start(): Promise<{ npm: ChildProcess; output: () => string; seconds: number }> {
    const { PATH, HOME } = process.env;
    const npm = spawn('npm', ['start'], {
      cwd: folder,
      env: { PATH, HOME, PORT: String(port) },
      detached: true,
    });
    running = npm;
    let output = '';
    for (const stream of [npm.stdout, npm.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    const began = performance.now();
    await eventually(
      () => Promise.resolve(output.includes('Ctrl-C stops') || npm.exitCode !== null),
      'npm start to be ready',
      100_000,
    );
    expect(output).toContain('Roost is ready');
    return { npm, output: () => output, seconds: (performance.now() - began) / 1000 };
  }

  /** Processes that work in this folder: `pid command line`. */
  function left(): string[] {
    return readdirSync('/proc')
      .filter((pid) => /^\d+$/.test(pid))
      .map((pid) => `${pid} ${commandOf(Number(pid)) ?? ''}`)
      .filter((line) => line.includes(folder) || workingDirectory(Number.parseInt(line)).startsWith(folder));
  }

  function workingDirectory(pid: number): string {
    try {
      return readlinkSync(`/proc/${pid}/cwd`);
    } catch {
      // Gone in between, or another user's.
      return '';
    }
  }

  /** Runs a block of the README in a shell, as a reader who pastes it would. */
  function paste(block: string): { shell: ChildProcess; output: () => string } {
    const shell = spawn('sh', ['-c', block.replaceAll('localhost:3000', `localhost:${port}`)], {
      cwd: folder,
      detached: true,
    });
    let output = '';
    for (const stream of [shell.stdout, shell.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    return { shell, output: () => output };
  }

  /** The README's walk-through: a listening landlord, and a tenant who asks to book. */
  async function followReadme(): Promise<void> {
    const blocks = [...readFileSync('README.md', 'utf8').matchAll(/```sh\n(.+?)```/gs)].map(
      ([, block]) => block ?? '',
    );
    expect(blocks).toHaveLength(2);
    const [listen = '', book = ''] = blocks;
    const listener = paste(listen);
    try {
      await eventually(
        () => Promise.resolve(listener.output().includes('Listening. Seen so far:')),
        'the listener',
      );
      const booker = paste(book);
      await once(booker.shell, 'close');
      expect(booker.output()).toContain("Room under the eaves {\n  id: '");
      expect(booker.output()).toContain(
        "status: 'PENDING',\n  nights: 3,\n  total: { amount: 13500, currency: 'USD' }",
      );
      await eventually(
        () => Promise.resolve(/^\d+ .*Room under the eaves/m.test(listener.output())),
        `the landlord to hear of it: ${listener.output()}`,
      );
    } finally {
      process.kill(-(listener.shell.pid as number), 'SIGTERM');
      await once(listener.shell, 'close');
    }
  }

  function listening(): Promise<boolean> {
    return fetch(`http://127.0.0.1:${port}/health/live`).then(
      () => true,
      () => false,
    );
  }

  it('sets everything up, says how to go on, keeps the data, and leaves nothing running', async () => {
    const first = await start();
    const text = first.output();
    for (const shown of [
      `http://localhost:${port}/graphql`,
      'landlord@roost.example',
      'tenant@roost.example',
      join(folder, '.roost'),
    ]) {
      expect(text).toContain(shown);
    }
    const api = new Api(`http://127.0.0.1:${port}`);
    expect(await (await fetch(`${api.url}/health/ready`)).json()).toEqual({ status: 'ready' });
    const input = {
      email: 'landlord@roost.example',
      password: /landlord@\S+\s+password: (.+)/.exec(text)?.[1],
    };
    const { accessToken } = await api.must('signIn', { input }, undefined, '{ accessToken }');
    const places = await api.must(
      'searchPlaces',
      { first: 100 },
      undefined,
      '{ nodes { title averageRating city { name timeZone latitude } } }',
    );
    expect(places.nodes.length).toBeGreaterThanOrEqual(6);
    expect(
      places.nodes.every(({ city }: { city: { latitude: number } }) => typeof city.latitude === 'number'),
    ).toBe(true);
    const bookings = await api.must('getBookings', { first: 100 }, accessToken);
    expect(new Set(bookings.nodes.map(({ status }: { status: string }) => status))).toEqual(
      new Set(['PENDING', 'ACTIVE', 'COMPLETED', 'CANCELLED']),
    );
    await followReadme();
    const name = 'Added by hand';
    await api.must('addCity', { input: { name, country: 'VN', timeZone: 'Asia/Ho_Chi_Minh' } }, accessToken);

    // As Ctrl-C does: a signal to the whole group of the terminal.
    process.kill(-(first.npm.pid as number), 'SIGINT');
    await once(first.npm, 'exit');
    await eventually(
      () => Promise.resolve(left().length === 0),
      `nothing to be left: ${left().join('\n')}`,
      20_000,
    );
    expect(await listening()).toBe(false);

    const second = await start();
    expect(second.output()).not.toContain('demo set');
    expect((await api.must('getCities', { search: name })).nodes).toHaveLength(1);
    expect((await api.must('searchPlaces', { first: 100 })).nodes).toHaveLength(
      (places.nodes as unknown[]).length + 1,
    );

    // A second one in the same folder would fight over the data.
    const third = spawn('npm', ['start'], {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, PORT: '0' },
    });
    let refusal = '';
    third.stderr.on('data', (chunk: Buffer) => (refusal += chunk.toString()));
    const [code] = (await once(third, 'exit')) as [number];
    expect(code).not.toBe(0);
    expect(refusal).toContain('Roost runs in this folder already');
    expect(await listening()).toBe(true);

    // npm dies without a word to anyone.
    process.kill(second.npm.pid as number, 'SIGKILL');
    await eventually(
      () => Promise.resolve(left().length === 0),
      'nothing to be left after a crash of npm',
      20_000,
    );

    // The script itself dies without a word.
    await start();
    const script = left().find((line) => /^\d+ \S*node \S*bootstrap\.mjs/.test(line)) ?? '';
    for (const part of ['postgres', 'redis-server', 'dist/src/main.js', 'guardian.mjs']) {
      expect(left().filter((line) => line.includes(part))).not.toEqual([]);
    }
    const pid = Number.parseInt(script);
    process.kill(pid, 'SIGKILL');
    await eventually(
      () => Promise.resolve(left().length === 0),
      'nothing to be left after a crash of the script',
      20_000,
    );
    expect(await listening()).toBe(false);
  }, 240_000);

  it('in a folder that nobody else may enter puts PostgreSQL where its user can go, and says where', async () => {
    chmodSync(folder, 0o700);
    rmSync(join(folder, '.roost'), { recursive: true });
    const { npm, output } = await start();
    const [, place = ''] = /PostgreSQL: our own, data in (\S+)\.\n/.exec(output()) ?? [];
    expect(output()).toMatch(new RegExp(`Data {7}(\\S+\\n +)?${place}\\n`));
    expect(existsSync(join(place, 'data', 'PG_VERSION'))).toBe(true);
    // PostgreSQL refuses to run as root, and its user is kept out; everyone else's PostgreSQL is their own.
    const asRoot = process.getuid?.() === 0;
    expect(place.startsWith(folder)).toBe(!asRoot);
    expect(/runs as the user \w+, who cannot enter/.test(output())).toBe(asRoot);
    npm.kill('SIGTERM');
    await once(npm, 'exit');
    rmSync(place, { recursive: true });
  }, 120_000);
});
