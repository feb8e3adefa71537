// A person's device: keeps what it is told in order, remembers how far it is, and reconnects wherever it can, as the
// documentation asks of clients.
import { io, type Socket } from 'socket.io-client';
import { Api, type Json } from '../../support/api.js';
import type { Person } from '../../support/world.js';

export interface DeviceOptions {
  /** Instances to connect to, one after the other. */
  urls: () => readonly string[];
  /** Waits this long before it confirms. */
  confirmAfterMs?: number;
}

export class Device {
  /** Ids in the order in which they were applied: the n-th has sequence n. */
  readonly kept: string[] = [];
  /** When each was first heard of (ms since 1970). */
  readonly keptAt: number[] = [];
  /** Things that must never happen, in words. */
  readonly faults: string[] = [];
  /** What came again, although this device had it: allowed, and passed over. */
  repeats = 0;
  connects = 0;
  private socket: Socket | null = null;
  private turn = Math.floor(Math.random() * 100);
  private timer: NodeJS.Timeout | null = null;
  private stopped = false;

  constructor(
    readonly person: Person,
    private readonly options: DeviceOptions,
  ) {
    this.connect();
  }

  get isConnected(): boolean {
    return this.socket?.connected ?? false;
  }

  /** The network goes away for a moment. */
  drop(): void {
    this.socket?.io.engine.close();
  }

  stop(): void {
    this.stopped = true;
    if (this.timer !== null) clearTimeout(this.timer);
    this.socket?.disconnect();
  }

  private connect(): void {
    this.timer = null;
    const urls = this.options.urls();
    const url = urls[this.turn++ % urls.length] ?? '';
    const socket = io(`${url}/notifications`, {
      auth: { token: this.person.token, lastSequence: this.kept.length },
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
      timeout: 3000,
    });
    this.socket = socket;
    this.connects++;
    socket.on('connect_error', (error) => {
      socket.close();
      if (socket !== this.socket) return;
      if (error.message === 'UNAUTHENTICATED') void this.renew(url);
      else this.reconnectSoon();
    });
    socket.on('disconnect', () => {
      if (socket === this.socket) this.reconnectSoon();
    });
    socket.on('resync', ({ lastSequence }: Json) =>
      this.faults.push(`told to reload at ${this.kept.length}, the newest being ${lastSequence}`),
    );
    socket.on('notification', (message: Json, confirm: () => void) => {
      if (socket !== this.socket || this.stopped) return;
      this.take(message);
      if (this.options.confirmAfterMs === undefined) confirm();
      else setTimeout(confirm, this.options.confirmAfterMs);
    });
  }

  private take({ id, sequence }: Json): void {
    if (sequence === this.kept.length + 1) {
      this.kept.push(id);
      this.keptAt.push(Date.now());
    } else if (sequence > this.kept.length) {
      this.faults.push(`heard ${sequence} after ${this.kept.length}`);
    } else if (this.kept[sequence - 1] === id) this.repeats++;
    else this.faults.push(`heard another ${sequence} than before`);
  }

  private reconnectSoon(): void {
    if (this.stopped || this.timer !== null) return;
    this.timer = setTimeout(
      () => {
        this.connect();
      },
      30 + Math.random() * 200,
    );
  }

  /** The access token ended: the refresh token makes a new one. */
  private async renew(url: string): Promise<void> {
    try {
      const { refreshToken } = this.person;
      const { data } = await new Api(url).call('refreshSession', { refreshToken });
      if (data !== null)
        Object.assign(this.person, { token: data.accessToken, refreshToken: data.refreshToken });
    } catch {
      // Tried again with the next connection.
    }
    this.reconnectSoon();
  }
}
