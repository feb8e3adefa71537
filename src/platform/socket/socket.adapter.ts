// Socket.IO on the HTTP server's port, with limits on what clients may send.
import { type INestApplicationContext, Logger } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import type { Server, ServerOptions, Socket } from 'socket.io';
import type { Env } from '../../config/env.js';
import { corsOrigin, mayConnect } from '../http/cors.js';
import { FloodMeter } from './flood-meter.js';

/** A client that connects but never enters the namespace is let go after this. */
const ENTER_MS = 10_000;

/** Engine.IO's socket, below every namespace. */
type RawSocket = Socket['conn'];

interface Packet {
  type: string;
}

export class SocketAdapter extends IoAdapter {
  private readonly log = new Logger('Sockets');

  constructor(
    app: INestApplicationContext,
    private readonly env: Env,
  ) {
    super(app);
  }

  override createIOServer(port: number, options?: ServerOptions): Server {
    const server = super.createIOServer(port, {
      ...options,
      cors: { origin: corsOrigin(this.env) },
      allowRequest: ({ headers }, decide) => {
        decide(null, mayConnect(this.env, headers));
      },
      maxHttpBufferSize: this.env.SOCKET_MAX_FRAME_BYTES,
      connectTimeout: ENTER_MS,
      perMessageDeflate: false,
      serveClient: false,
    } as ServerOptions);
    server.engine.on('connection', (socket: RawSocket) => {
      this.limit(socket);
    });
    return server;
  }

  /** Closes a socket that floods; what it sent until then was handled as ever. */
  private limit(socket: RawSocket): void {
    const meter = new FloodMeter(this.env.SOCKET_MESSAGES_PER_SECOND, performance.now());
    socket.on('packetCreate', ({ type }: Packet) => {
      if (type === 'message') meter.sent();
    });
    socket.on('packet', () => {
      if (meter.received(performance.now()) || socket.readyState !== 'open') return;
      this.log.warn({ address: socket.remoteAddress }, 'A socket that sent too much was closed.');
      socket.close(true);
    });
  }
}
