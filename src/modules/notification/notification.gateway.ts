// The live door: Socket.IO, namespace /notifications.
import { Inject, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import {
  type OnGatewayConnection,
  type OnGatewayDisconnect,
  type OnGatewayInit,
  WebSocketGateway,
} from '@nestjs/websockets';
import DataLoader from 'dataloader';
import { randomUUID } from 'node:crypto';
import type { Namespace } from 'socket.io';
import { ENV, type Env } from '../../config/env.js';
import { Clock } from '../../platform/database/clock.js';
import { ResponseStatus } from '../../platform/errors/app-error.js';
import { toRefusal } from '../../platform/errors/envelope.filter.js';
import { Public } from '../../platform/graphql/access.js';
import { Draining } from '../../platform/observability/draining.js';
import { Vitals } from '../../platform/observability/vitals.js';
import { AuthService } from '../auth/auth.service.js';
import { type Client, type Connection, Connections } from './connections.js';
import { DeliveryQueue } from './delivery-queue.js';
import { connectError, Handshake } from './handshake.js';
import { type Confirmed, NotificationRepository } from './notification.repository.js';
import { Presence } from './presence.js';
import { Pump } from './pump.js';
import { WakeUps } from './wake-ups.js';

const SWEEP_LATE_MS = 10_000;
const LOOK_AGAIN_MS = 20;
const GATHER_MS = 20;
const MOST_CONFIRMED = 500;

@Public()
@WebSocketGateway({ namespace: '/notifications' })
export class NotificationGateway
  implements OnGatewayInit, OnGatewayConnection, OnGatewayDisconnect, OnApplicationBootstrap
{
  private readonly logger = new Logger('NotificationGateway');
  private readonly connections = new Connections();
  private readonly timers: NodeJS.Timeout[] = [];
  /** What clients confirm at about the same time is one statement, and one wait for the disk. */
  private readonly confirmations = new DataLoader<Confirmed, void>(
    async (confirmed) => {
      await this.notifications.acknowledge(confirmed);
      return confirmed.map(() => undefined);
    },
    { cache: false, maxBatchSize: MOST_CONFIRMED, batchScheduleFn: (send) => setTimeout(send, GATHER_MS) },
  );
  private readonly newcomers = new Set<string>();
  private sweeping = false;
  private lastSweep = performance.now();

  constructor(
    @Inject(ENV) private readonly env: Env,
    private readonly auth: AuthService,
    private readonly handshake: Handshake,
    private readonly notifications: NotificationRepository,
    private readonly presence: Presence,
    private readonly queue: DeliveryQueue,
    private readonly wakeUps: WakeUps,
    private readonly draining: Draining,
    private readonly clock: Clock,
    vitals: Vitals,
  ) {
    vitals.watch(() => this.sweepProblem());
  }

  afterInit(namespace: Namespace): void {
    // Nothing lives in the root namespace: nobody may idle there without a token.
    namespace.server.of('/').use((_, next) => {
      next(new Error('Connect to /notifications.'));
    });
    namespace.use((socket, next) => {
      if (this.draining.started) {
        next(new Error('UNAVAILABLE'));
        return;
      }
      this.handshake.open(socket.handshake.auth).then(
        (data) => {
          Object.assign(socket, { data });
          next();
        },
        (error: unknown) => {
          next(connectError(toRefusal(error, randomUUID())));
        },
      );
    });
  }

  onApplicationBootstrap(): void {
    this.wakeUps.onWake((recipientId, saved) => {
      for (const { pump } of this.connections.ofUser(recipientId)) {
        if (saved === undefined) pump?.wake();
        else pump?.offer(saved);
      }
    });
    this.auth.onSessionEnd((sessionId) => {
      for (const connection of this.connections.ofSession(sessionId)) this.expire(connection);
    });
    this.draining.onStart(() => this.sendAway());
    this.timers.push(
      setInterval(() => void this.sweep(), this.env.DELIVERY_SWEEP_MS),
      setInterval(() => void this.beat(), this.presence.beatMs),
    );
  }

  handleConnection(socket: Client): void {
    // It was let in while this instance began to stop.
    if (this.draining.started) {
      socket.disconnect(true);
      return;
    }
    const { userId, inbox, isAwaited, lastSequence } = socket.data;
    const connection: Connection = { socket, pump: null, expiry: null };
    this.connections.add(connection);
    this.expireInTime(connection);
    this.presence.beat([userId], () => [socket.id]).catch(() => undefined);
    if (isAwaited) void this.queue.promote(userId);
    socket.onAny((event: string, ...args: unknown[]) => {
      const answer = typeof args.at(-1) === 'function' ? args.pop() : undefined;
      const reply = event === 'renew' ? this.renew(connection, args[0]) : unknownEvent(event);
      if (typeof answer === 'function') (answer as (reply: object) => void)(reply);
    });
    socket.emit('ready', { userId, lastSequence: inbox.lastSequence, ackedSequence: inbox.ackedSequence });
    if (this.handshake.mustReload(socket.data)) {
      socket.emit('resync', { lastSequence: inbox.lastSequence });
      return;
    }
    connection.pump = this.pumpFor(connection, lastSequence ?? inbox.ackedSequence);
    if (connection.pump.sentSequence < inbox.lastSequence) connection.pump.wake();
    // What came since the handshake looked woke nobody here.
    else this.lookAgain(userId);
  }

  handleDisconnect(socket: Client): void {
    const connection = this.connections.remove(socket.id);
    if (connection === undefined) return;
    connection.pump?.close();
    if (connection.expiry !== null) clearTimeout(connection.expiry);
    this.presence.remove(socket.data.userId, socket.id).catch(() => undefined);
  }

  /** Clients of an instance that stops reconnect to another one; nobody counts as connected here any more. */
  private async sendAway(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    const open = [...this.connections.all()];
    for (const { socket } of open) socket.disconnect(true);
    await Promise.allSettled(open.map(({ socket }) => this.presence.remove(socket.data.userId, socket.id)));
  }

  private pumpFor(connection: Connection, fromSequence: number): Pump {
    const { socket } = connection;
    const { userId, inbox } = socket.data;
    const source = {
      ackTimeoutMs: this.env.DELIVERY_ACK_TIMEOUT_MS,
      read: (sequence: number, limit: number) => this.notifications.findAfter(userId, sequence, limit),
      acknowledge: (sequence: number) => this.confirmations.load({ recipientId: userId, sequence }),
      onGap: () => {
        connection.pump = null;
        socket.emit('resync', { lastSequence: inbox.lastSequence });
      },
      onFault: (error: unknown) => {
        this.logger.warn({ err: error, userId }, 'Delivery to a socket failed; trying again.');
      },
    };
    return new Pump(socket, source, fromSequence);
  }

  private renew(connection: Connection, payload: unknown) {
    this.connections.remove(connection.socket.id);
    const renewal = this.handshake.renew(connection.socket, payload);
    this.connections.add(connection);
    this.expireInTime(connection);
    return renewal;
  }

  private expireInTime(connection: Connection): void {
    if (connection.expiry !== null) clearTimeout(connection.expiry);
    const left = connection.socket.data.expiresAt.getTime() - this.clock.now();
    connection.expiry = setTimeout(() => {
      this.expire(connection);
    }, left);
  }

  private expire({ socket }: Connection): void {
    socket.emit('session_expired');
    socket.disconnect(true);
  }

  /** Serves those whose wake-up was lost. */
  private async sweep(): Promise<void> {
    if (this.sweeping) return;
    this.sweeping = true;
    try {
      const userIds = this.connections.userIds();
      if (userIds.length > 0) await this.sweepFor(userIds);
      this.lastSweep = performance.now();
    } catch (error) {
      this.logger.debug({ err: error }, 'A sweep failed; the next one follows.');
    } finally {
      this.sweeping = false;
    }
  }

  /** One query for everybody who came in this instant. */
  private lookAgain(userId: string): void {
    if (this.newcomers.size === 0) {
      setTimeout(() => {
        const userIds = [...this.newcomers];
        this.newcomers.clear();
        // Where it fails, the sweep is next.
        this.sweepFor(userIds).catch(() => undefined);
      }, LOOK_AGAIN_MS);
    }
    this.newcomers.add(userId);
  }

  private async sweepFor(userIds: readonly string[]): Promise<void> {
    const lastSequences = await this.notifications.findLastSequences(userIds);
    for (const [userId, lastSequence] of lastSequences) {
      for (const { pump } of this.connections.ofUser(userId)) {
        if (pump !== null && pump.sentSequence < lastSequence) pump.wake();
      }
    }
  }

  private sweepProblem(): string | null {
    const late = performance.now() - this.lastSweep - this.env.DELIVERY_SWEEP_MS;
    return late < SWEEP_LATE_MS || this.draining.started
      ? null
      : `The sweep for lost wake-ups is behind by ${Math.round(late / 1000)} s`;
  }

  /** Renews the presence of all sockets here. Whoever vanished from Redis in between is back with this. */
  private async beat(): Promise<void> {
    // Where it fails, the next one follows within the time to live.
    await this.presence
      .beat(this.connections.userIds(), (userId) =>
        [...this.connections.ofUser(userId)].map(({ socket }) => socket.id),
      )
      .catch(() => undefined);
  }
}

/** Clients send `renew` and acknowledgements, nothing else. */
function unknownEvent(event: string) {
  const name = event.length > 60 ? `${event.slice(0, 60)}…` : event;
  return { status: ResponseStatus.BAD_REQUEST, message: `There is no event ${JSON.stringify(name)}.` };
}
