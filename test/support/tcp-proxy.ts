// A way between the application and a real store that can be cut, as networks are.
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

export class TcpProxy {
  private readonly sockets = new Set<Socket>();
  private server: Server | null = null;
  private port = 0;

  constructor(
    private readonly targetHost: string,
    private readonly targetPort: number,
  ) {}

  /** The same address, by way of a proxy. */
  static async for(address: string): Promise<{ proxy: TcpProxy; address: string }> {
    const url = new URL(address);
    const proxy = new TcpProxy(url.hostname, Number(url.port));
    await proxy.heal();
    url.port = String(proxy.port);
    return { proxy, address: url.href };
  }

  /** Every connection breaks, and new ones are refused. */
  async cut(): Promise<void> {
    const { server } = this;
    if (server === null) return;
    this.server = null;
    const closed = once(server, 'close');
    server.close();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  /** Connections are possible again, at the same port. */
  async heal(): Promise<void> {
    if (this.server !== null) return;
    const server = createServer((inbound) => {
      const outbound = connect(this.targetPort, this.targetHost);
      for (const [from, to] of [
        [inbound, outbound],
        [outbound, inbound],
      ] as const) {
        this.sockets.add(from);
        from.on('error', () => undefined);
        from.on('close', () => {
          this.sockets.delete(from);
          to.destroy();
        });
        from.pipe(to);
      }
    });
    server.listen(this.port, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address !== null && typeof address === 'object') this.port = address.port;
    this.server = server;
  }
}
