// Socket.IO on the HTTP server's port.
import type { INestApplicationContext } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import type { Server, ServerOptions } from 'socket.io';
import type { Env } from '../../config/env.js';
import { corsOrigin, mayConnect } from '../http/cors.js';

/** Clients send tokens and acknowledgements, nothing longer. */
const MAX_FRAME_BYTES = 16 * 1024;

export class SocketAdapter extends IoAdapter {
  constructor(
    app: INestApplicationContext,
    private readonly env: Env,
  ) {
    super(app);
  }

  override createIOServer(port: number, options?: ServerOptions): Server {
    return super.createIOServer(port, {
      ...options,
      cors: { origin: corsOrigin(this.env) },
      allowRequest: ({ headers }, decide) => {
        decide(null, mayConnect(this.env, headers));
      },
      maxHttpBufferSize: MAX_FRAME_BYTES,
      perMessageDeflate: false,
      serveClient: false,
    } as ServerOptions);
  }
}
