// Delivers to one socket: reads what is due, sends it in order, waits for confirmations, sends again what was not
// confirmed. A slow client slows only itself, and at most a window of notifications is in memory for it.
import type { Socket } from 'socket.io';
import { failpoint } from '../../platform/failpoints.js';
import { AckWindow } from './ack-window.js';
import type { NotificationEntity } from './notification.entity.js';

/** What a pump needs of the rest of the world. */
export interface PumpSource {
  /** The recipient's notifications after `sequence`, in order. */
  read(sequence: number, limit: number): Promise<NotificationEntity[]>;
  /** Everything up to `sequence` is confirmed. */
  acknowledge(sequence: number): Promise<void>;
  readonly ackTimeoutMs: number;
  /** The next sequence is no longer stored: the client must reload. Nothing more is sent. */
  onGap(): void;
  onFault(error: unknown): void;
}

const RETRY_MS = 1000;

export class Pump {
  private readonly window: AckWindow;
  private running = false;
  private wanted = false;
  private closed = false;
  private saved: number;
  private saving = false;

  constructor(
    private readonly socket: Socket,
    private readonly source: PumpSource,
    fromSequence: number,
  ) {
    this.window = new AckWindow(fromSequence);
    this.saved = fromSequence;
  }

  /** The newest sequence that was sent. */
  get sentSequence(): number {
    return this.window.sentSequence;
  }

  /** Delivers what is due. Calling it while it works makes it look once more. */
  wake(): void {
    this.wanted = true;
    if (!this.running) void this.run();
  }

  /** Takes one that was just committed: where it is the next one, and its turn, it need not be read again. */
  offer(notification: NotificationEntity): void {
    const { room, sentSequence } = this.window;
    if (notification.sequence <= sentSequence) return;
    const isNext = notification.sequence === sentSequence + 1 && room > 0;
    if (isNext && !this.running && !this.closed) this.send(notification);
    else this.wake();
  }

  /** Sends nothing more; confirmations that came are still saved. */
  close(): void {
    this.closed = true;
  }

  private async run(): Promise<void> {
    this.running = true;
    try {
      while (this.wanted && !this.closed) {
        this.wanted = false;
        await this.sendDue();
      }
    } catch (error) {
      this.source.onFault(error);
      this.later(() => {
        this.wake();
      });
    } finally {
      this.running = false;
    }
  }

  private async sendDue(): Promise<void> {
    while (this.window.room > 0) {
      const { room, sentSequence } = this.window;
      const due = await this.source.read(sentSequence, room);
      // An expired confirmation may have turned the window back while this was read.
      if (this.closed || this.window.sentSequence !== sentSequence) return;
      for (const notification of due) {
        if (notification.sequence !== this.window.sentSequence + 1) {
          this.close();
          this.source.onGap();
          return;
        }
        this.send(notification);
      }
      if (due.length < room) return;
    }
  }

  private send(notification: NotificationEntity): void {
    const { sequence } = notification;
    const generation = this.window.send(sequence);
    failpoint('emitting');
    this.socket
      .timeout(this.source.ackTimeoutMs)
      .emit('notification', toMessage(notification), (missing: Error | null) => {
        if (missing === null) this.onConfirmed(sequence);
        else this.onMissing(sequence, generation);
      });
    failpoint('emitted');
  }

  private onConfirmed(sequence: number): void {
    failpoint('acknowledged');
    const wasFull = this.window.room === 0;
    if (!this.window.confirm(sequence)) return;
    if (!this.saving) void this.save();
    if (wasFull) this.wake();
  }

  private onMissing(sequence: number, generation: number): void {
    if (this.closed) return;
    if (this.isClogged) {
      // The first sending has not even left: another one would only pile up in memory.
      this.later(() => {
        this.onMissing(sequence, generation);
      });
    } else if (this.window.expire(sequence, generation)) this.wake();
  }

  /** The client takes nothing off the line. */
  private get isClogged(): boolean {
    return !this.socket.conn.transport.writable;
  }

  /** Saves how far the client has confirmed; while one write is under way, the next one gathers. */
  private async save(): Promise<void> {
    this.saving = true;
    try {
      while (this.saved < this.window.ackedSequence) {
        const { ackedSequence } = this.window;
        await this.source.acknowledge(ackedSequence);
        this.saved = ackedSequence;
      }
    } catch (error) {
      this.source.onFault(error);
      this.later(() => {
        if (!this.saving) void this.save();
      });
    } finally {
      this.saving = false;
    }
  }

  private later(work: () => void): void {
    if (!this.closed) setTimeout(work, RETRY_MS);
  }
}

/** The notification as it goes over the wire; the booking is as it was at the event. */
function toMessage(row: NotificationEntity) {
  const {
    id,
    sequence,
    type,
    message,
    createdAt,
    bookingId,
    placeId,
    bookingStatus: status,
    checkIn,
    checkOut,
  } = row;
  return {
    id,
    sequence,
    type,
    message,
    createdAt: createdAt.toISOString(),
    booking: { id: bookingId, placeId, status, checkIn, checkOut },
  };
}
