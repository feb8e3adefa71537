// The sockets of this instance, by user and by session.
import type { Socket } from 'socket.io';
import type { InboxState } from './notification.repository.js';
import type { Pump } from './pump.js';

/** What the handshake found out; goes with the socket. */
export interface SocketData {
  userId: string;
  sessionId: string;
  expiresAt: Date;
  inbox: InboxState;
  /** Something was waiting for the user, so that a job may be held for them. */
  isAwaited: boolean;
  /** Where the client says it stands; null where it does not say. */
  lastSequence: number | null;
}

/** Event name → listener. Payloads of clients are never trusted: they are read as unknown. */
type Events = Record<string, (...args: unknown[]) => void>;

export type Client = Socket<Events, Events, Events, SocketData>;

/** A connected socket and what works for it. */
export interface Connection {
  readonly socket: Client;
  /** null: the client must reload first. */
  pump: Pump | null;
  expiry: NodeJS.Timeout | null;
}

export class Connections {
  private readonly bySocket = new Map<string, Connection>();
  private readonly byUser = new Map<string, Set<Connection>>();
  private readonly bySession = new Map<string, Set<Connection>>();

  add(connection: Connection): void {
    const { id, data } = connection.socket;
    this.bySocket.set(id, connection);
    join(this.byUser, data.userId, connection);
    join(this.bySession, data.sessionId, connection);
  }

  /** The connection that the socket had, if any. */
  remove(socketId: string): Connection | undefined {
    const connection = this.bySocket.get(socketId);
    if (connection === undefined) return undefined;
    this.bySocket.delete(socketId);
    leave(this.byUser, connection.socket.data.userId, connection);
    leave(this.bySession, connection.socket.data.sessionId, connection);
    return connection;
  }

  all(): Iterable<Connection> {
    return this.bySocket.values();
  }

  userIds(): string[] {
    return [...this.byUser.keys()];
  }

  ofUser(userId: string): Iterable<Connection> {
    return this.byUser.get(userId) ?? [];
  }

  ofSession(sessionId: string): Connection[] {
    return [...(this.bySession.get(sessionId) ?? [])];
  }
}

function join(index: Map<string, Set<Connection>>, key: string, connection: Connection): void {
  const set = index.get(key);
  if (set === undefined) index.set(key, new Set([connection]));
  else set.add(connection);
}

function leave(index: Map<string, Set<Connection>>, key: string, connection: Connection): void {
  const set = index.get(key);
  if (set?.delete(connection) && set.size === 0) index.delete(key);
}
