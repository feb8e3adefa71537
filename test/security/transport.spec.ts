// HTTPS by the server itself, the headers of every answer, and which pages may call.
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { generate } from 'selfsigned';
import { io } from 'socket.io-client';
import { TestApp } from '../support/app.js';
import { eventually } from '../support/live.js';
import { RoostProcess } from '../support/process.js';
import { cloneDatabase } from '../support/services.js';
import { processSettings } from '../support/settings.js';
import { World } from '../support/world.js';

interface KeyPair {
  cert: string;
  key: string;
}

async function keyPair(): Promise<KeyPair> {
  const made = await generate([{ name: 'commonName', value: 'localhost' }], { algorithm: 'sha256' });
  return { cert: made.cert, key: made.private };
}

describe('HTTPS', () => {
  let folder: string;
  let cert: string;
  let key: string;
  let first: KeyPair;
  let settings: Record<string, string>;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'roost-tls-'));
    [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    first = await keyPair();
    settings = processSettings(await cloneDatabase(), { TLS_CERT_FILE: cert, TLS_KEY_FILE: key });
  });

  beforeEach(() => {
    writeFileSync(cert, first.cert);
    writeFileSync(key, first.key);
  });

  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  /** One call that trusts no certificate but the given one. */
  function call(
    port: string,
    query: string,
    token?: string,
    ca = first.cert,
  ): Promise<{ status?: number; body: string }> {
    return new Promise((resolve, reject) => {
      const sent = request(
        {
          host: '127.0.0.1',
          port,
          path: '/graphql',
          method: 'POST',
          ca,
          checkServerIdentity: () => undefined,
          agent: false,
          headers: {
            'content-type': 'application/json',
            ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          },
        },
        (response) => {
          let body = '';
          response.setEncoding('utf8').on('data', (text: string) => (body += text));
          response.on('end', () => {
            resolve({ status: response.statusCode, body: body.trim() });
          });
        },
      );
      sent.on('error', reject).end(JSON.stringify({ query }));
    });
  }

  /** The certificate that a new connection is shown. */
  function shown(port: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket: TLSSocket = connect(
        { host: '127.0.0.1', port: Number(port), rejectUnauthorized: false },
        () => {
          resolve(socket.getPeerCertificate().fingerprint256);
          socket.destroy();
        },
      );
      socket.on('error', reject);
    });
  }

  it('serves GraphQL and sockets, takes up a renewed certificate, and keeps the old one while the new is no good', async () => {
    const roost = await RoostProcess.start(settings);
    const { port } = new URL(roost.url);
    try {
      expect(await call(port, '{ getCities { status } }')).toEqual({
        status: 200,
        body: '{"data":{"getCities":{"status":"OK"}}}',
      });
      await expect(fetch(`http://127.0.0.1:${port}/health/live`)).rejects.toThrow();
      const signUp = `mutation { signUp(input: { email: "tls@example.com", password: "correct horse battery", role: TENANT, displayName: "x" }) { data { accessToken } } }`;
      const token = (
        JSON.parse((await call(port, signUp)).body) as { data: { signUp: { data: { accessToken: string } } } }
      ).data.signUp.data.accessToken;
      const socket = io(`wss://127.0.0.1:${port}/notifications`, {
        auth: { token },
        transports: ['websocket'],
        rejectUnauthorized: false,
        reconnection: false,
      });
      await new Promise((resolve, reject) => socket.on('ready', resolve).on('connect_error', reject));
      socket.close();

      const before = await shown(port);
      writeFileSync(cert, 'half of a certif');
      await eventually(
        () => Promise.resolve(roost.output.includes('the old one stays')),
        'a word about the bad certificate',
        10_000,
      );
      expect(await shown(port)).toBe(before);
      const second = await keyPair();
      writeFileSync(key, second.key);
      writeFileSync(cert, second.cert);
      await eventually(async () => (await shown(port)) !== before, 'the renewed certificate', 15_000);
      expect((await call(port, '{ getCities { status } }', undefined, second.cert)).status).toBe(200);
    } finally {
      expect(await roost.end()).toBe(0);
    }
  });

  it('does not start with files that cannot be used, and says which', async () => {
    const other = await keyPair();
    writeFileSync(key, other.key);
    const mismatched = RoostProcess.spawn({ ...settings, PORT: '0' });
    expect(await mismatched.exited()).toBe(1);
    expect(mismatched.output).toContain('TLS_CERT_FILE and TLS_KEY_FILE cannot be used');
    const { TLS_KEY_FILE: _, ...half } = settings;
    const alone = RoostProcess.spawn({ ...half, PORT: '0' });
    expect(await alone.exited()).toBe(1);
    expect(alone.output).toContain('TLS_CERT_FILE and TLS_KEY_FILE must be given together');
    copyFileSync(cert, key);
  });
});

describe('every answer', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start({
      NODE_ENV: 'production',
      CORS_ORIGINS: 'https://app.example, https://admin.example',
    });
  });

  afterAll(() => app.stop());

  const post = (headers: Record<string, string> = {}, body = '{"query":"{ getCities { status } }"}') =>
    fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    });

  it.each([
    ['an answer', () => post()],
    ['a refusal', () => post({}, '{"query":"{"}')],
    ['a broken body', () => post({}, '{')],
    ['health', () => fetch(`${app.url}/health/ready`)],
    ['nothing there', () => fetch(`${app.url}/nothing`)],
  ])('%s is for its caller alone and tells nothing of the server', async (_, call) => {
    const { headers } = await call();
    expect(Object.fromEntries(headers)).toMatchObject({
      'strict-transport-security': expect.stringMatching(/max-age=31536000/),
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'x-frame-options': 'DENY',
      'x-request-id': expect.any(String),
    });
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('server')).toBeNull();
  });

  it('opens itself to listed origins alone', async () => {
    const allowed = async (origin: string) =>
      (await post({ origin })).headers.get('access-control-allow-origin');
    expect(await allowed('https://app.example')).toBe('https://app.example');
    expect(await allowed('https://admin.example')).toBe('https://admin.example');
    expect(await allowed('https://evil.example')).not.toBe('https://evil.example');
    expect(await allowed('null')).not.toBe('null');
  });

  it('takes nothing that a page of another origin can send without asking first', async () => {
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
    ]) {
      const answer = await post({ 'content-type': type });
      expect([400, 415]).toContain(answer.status);
      expect(await answer.text()).not.toContain('"data"');
    }
  });

  it('lets sockets in from listed origins, from its own and from what is no browser', async () => {
    const { token } = await new World(app).tenant();
    const open = (origin?: string): Promise<string> =>
      new Promise((resolve) => {
        const socket = io(`${app.url}/notifications`, {
          auth: { token },
          transports: ['websocket'],
          reconnection: false,
          forceNew: true,
          ...(origin === undefined ? {} : { extraHeaders: { origin } }),
        });
        socket.on('ready', () => {
          resolve('ready');
          socket.close();
        });
        socket.on('connect_error', () => {
          resolve('refused');
        });
      });
    expect(await open()).toBe('ready');
    expect(await open('https://app.example')).toBe('ready');
    expect(await open(app.url)).toBe('ready');
    expect(await open('https://evil.example')).toBe('refused');
    expect(await open('https://app.example.evil.example')).toBe('refused');
    expect(await open('null')).toBe('refused');
  });

  it('takes no token from a socket but in auth, never from the address or a header', async () => {
    const { token } = await new World(app).tenant();
    const refusal = await new Promise<string>((resolve) => {
      const socket = io(`${app.url}/notifications?token=${token}`, {
        query: { token },
        extraHeaders: { authorization: `Bearer ${token}` },
        transports: ['websocket'],
        reconnection: false,
        forceNew: true,
      });
      socket.on('connect_error', ({ message }) => {
        resolve(message);
        socket.close();
      });
      socket.on('ready', () => {
        resolve('ready');
      });
    });
    expect(refusal).toBe('UNAUTHENTICATED');
  });
});
