// Who may connect, and from where on they are told. Everything that a client sends is checked here or ignored.
import { Injectable } from '@nestjs/common';
import DataLoader from 'dataloader';
import { AppError, ResponseStatus, STATUS_OF } from '../../platform/errors/app-error.js';
import { AuthService } from '../auth/auth.service.js';
import type { Client, SocketData } from './connections.js';
import { type InboxState, NotificationRepository } from './notification.repository.js';

/** The answer to `renew`. */
export interface Renewal {
  status: ResponseStatus;
  message: string;
}

/** Handshakes that come within this time share a query: after an outage everybody comes back at once. */
const GATHER_MS = 5;

@Injectable()
export class Handshake {
  private readonly states = new DataLoader<string, InboxState>(
    (recipientIds) => this.notifications.findStates(recipientIds),
    { cache: false, maxBatchSize: 500, batchScheduleFn: (send) => setTimeout(send, GATHER_MS) },
  );

  constructor(
    private readonly auth: AuthService,
    private readonly notifications: NotificationRepository,
  ) {}

  /**
   * Lets a socket in. The client's last sequence, where it is not above ours, counts as a confirmation.
   * @throws AppError NOT_SIGNED_IN, SESSION_EXPIRED, INVALID_INPUT, UNAVAILABLE
   */
  async open({ token, lastSequence = null }: Record<string, unknown>): Promise<SocketData> {
    const { actor, expiresAt } = this.check(token);
    if (lastSequence !== null && !isSequence(lastSequence)) {
      throw new AppError('INVALID_INPUT', 'lastSequence must be a whole number from 0 on.');
    }
    let inbox = await this.states.load(actor.id);
    const isAwaited = inbox.ackedSequence < inbox.lastSequence;
    if (lastSequence !== null && lastSequence > inbox.ackedSequence && lastSequence <= inbox.lastSequence) {
      await this.notifications.acknowledge([{ recipientId: actor.id, sequence: lastSequence }]);
      inbox = { ...inbox, ackedSequence: lastSequence };
    }
    return { userId: actor.id, sessionId: actor.sessionId, expiresAt, inbox, isAwaited, lastSequence };
  }

  /** Whether the client's last sequence is none that we can go on from: it must reload first. */
  mustReload({ inbox, lastSequence }: SocketData): boolean {
    if (lastSequence === null) return false;
    const oldest = inbox.oldestSequence ?? inbox.lastSequence + 1;
    return lastSequence > inbox.lastSequence || lastSequence < oldest - 1;
  }

  /** Puts a fresh token in the place of the one that the socket came with. */
  renew(socket: Client, payload: unknown): Renewal {
    try {
      const token =
        typeof payload === 'object' && payload !== null && 'token' in payload ? payload.token : undefined;
      const { actor, expiresAt } = this.check(token);
      if (actor.id !== socket.data.userId)
        throw new AppError('NOT_YOURS', 'This token belongs to another user.');
      Object.assign(socket.data, { sessionId: actor.sessionId, expiresAt });
      return { status: ResponseStatus.OK, message: 'The connection goes on.' };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return { status: error.status, message: error.message };
    }
  }

  private check(token: unknown) {
    if (typeof token !== 'string')
      throw new AppError('NOT_SIGNED_IN', 'Connect with auth: { token }, an access token.');
    return this.auth.checkAccessToken(token);
  }
}

/** The message of connect_error: INVALID_INPUT, UNAVAILABLE, or UNAUTHENTICATED for whatever is wrong with the token. */
export function connectError(error: AppError): Error {
  const message = error.code === 'INVALID_INPUT' ? error.code : STATUS_OF[error.code];
  return Object.assign(new Error(message), { data: { code: error.code, message: error.message } });
}

function isSequence(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
