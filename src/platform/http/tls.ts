// HTTPS by the server itself: certificate and key from files, and from then on whatever the files hold.
import { readFileSync, unwatchFile, watchFile } from 'node:fs';
import type { Server } from 'node:net';
import { createSecureContext, Server as TlsServer } from 'node:tls';
import type { Logger } from 'pino';
import type { Env } from '../../config/env.js';

/** How often the files are looked at. */
const LOOK_MS = 2000;

interface KeyPair {
  cert: Buffer;
  key: Buffer;
}

/**
 * What the settings point at; null where they say nothing.
 * @throws Error in plain words where the files cannot be read or do not fit together
 */
export function readKeyPair({ TLS_CERT_FILE, TLS_KEY_FILE }: Env): KeyPair | null {
  if (TLS_CERT_FILE === undefined || TLS_KEY_FILE === undefined) return null;
  try {
    const pair = { cert: readFileSync(TLS_CERT_FILE), key: readFileSync(TLS_KEY_FILE) };
    createSecureContext(pair);
    return pair;
  } catch (error) {
    throw new Error(`TLS_CERT_FILE and TLS_KEY_FILE cannot be used: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** New connections get the renewed certificate; a pair that does not fit, as while it is being written, is left alone. */
export function followKeyPair(server: Server, env: Env, logger: Logger): void {
  const { TLS_CERT_FILE, TLS_KEY_FILE } = env;
  if (!(server instanceof TlsServer) || TLS_CERT_FILE === undefined || TLS_KEY_FILE === undefined) return;
  const renew = () => {
    try {
      const pair = readKeyPair(env);
      if (pair === null) return;
      server.setSecureContext(pair);
      logger.info({ context: 'Tls' }, 'The certificate was renewed.');
    } catch (error) {
      logger.warn({ context: 'Tls', err: error }, 'The new certificate cannot be used; the old one stays.');
    }
  };
  const files = [TLS_CERT_FILE, TLS_KEY_FILE];
  for (const file of files) watchFile(file, { interval: LOOK_MS, persistent: false }, renew);
  server.once('close', () => {
    for (const file of files) unwatchFile(file, renew);
  });
}
