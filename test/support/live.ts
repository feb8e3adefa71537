// A Socket.IO client as the README shows one, with what it heard.
import { io, type Socket } from 'socket.io-client';
import type { Json } from './api.js';

export interface LiveOptions {
  lastSequence?: unknown;
  /** false: never confirms anything. */
  acknowledge?: boolean | ((message: Json) => boolean);
}

export class Live {
  readonly messages: Json[] = [];
  readonly events: { name: string; payload: Json }[] = [];

  private constructor(readonly socket: Socket) {}

  /** Connects; answers once `ready` came. */
  static async connect(url: string, token: unknown, options: LiveOptions = {}): Promise<Live> {
    const live = Live.open(url, token, options);
    await live.until(
      () => live.events.some(({ name }) => name === 'ready' || name === 'connect_error'),
      'ready or a refusal',
    );
    const refusal = live.events.find(({ name }) => name === 'connect_error');
    if (refusal !== undefined) {
      live.close();
      throw new Error(refusal.payload as string);
    }
    return live;
  }

  /** Starts to connect, and waits for nothing. */
  static open(url: string, token: unknown, { lastSequence, acknowledge = true }: LiveOptions = {}): Live {
    const auth = lastSequence === undefined ? { token } : { token, lastSequence };
    const socket = io(`${url}/notifications`, {
      auth,
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
    });
    const live = new Live(socket);
    socket.on('connect_error', (error) =>
      live.events.push({ name: 'connect_error', payload: error.message }),
    );
    socket.on('disconnect', (reason) => live.events.push({ name: 'disconnect', payload: reason }));
    socket.onAny((name: string, payload: Json, confirm?: () => void) => {
      live.events.push({ name, payload });
      if (name !== 'notification') return;
      live.messages.push(payload);
      if (typeof acknowledge === 'function' ? acknowledge(payload) : acknowledge) confirm?.();
    });
    return live;
  }

  get sequences(): number[] {
    return this.messages.map(({ sequence }) => sequence as number);
  }

  get ready(): Json {
    return this.events.find(({ name }) => name === 'ready')?.payload;
  }

  has(name: string): boolean {
    return this.events.some((event) => event.name === name);
  }

  /** Waits for as many notifications as that. */
  async receive(count: number, timeoutMs = 5000): Promise<Json[]> {
    await this.until(() => this.messages.length >= count, `${count} notifications`, timeoutMs);
    return this.messages;
  }

  until(condition: () => boolean, what: string, timeoutMs = 5000): Promise<void> {
    return eventually(
      () => Promise.resolve(condition()),
      `${what}; heard ${JSON.stringify(this.events.map(({ name }) => name))}`,
      timeoutMs,
    );
  }

  close(): void {
    this.socket.disconnect();
  }
}

/** Waits until the condition holds. */
export async function eventually(
  condition: () => Promise<boolean>,
  what: string,
  timeoutMs = 5000,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`Waited ${timeoutMs} ms for ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
