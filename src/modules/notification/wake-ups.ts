// "There is something new for you": to the sockets here at once, and to every other instance over Redis. Only a hint: a
// lost one is made up for by the sweep.
import { randomUUID } from 'node:crypto';
import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { Redis } from '../../platform/redis/redis.js';
import type { NotificationEntity } from './notification.entity.js';

/** The first wake-up goes at once; what follows within this time is one message. */
const GATHER_MS = 20;

/** `saved`: what is new, where it was committed by this very process. */
type Listener = (recipientId: string, saved?: NotificationEntity) => void;

@Injectable()
export class WakeUps implements OnModuleInit {
  /** Times that the other instances could not be told, since the start. */
  lost = 0;
  private readonly logger = new Logger('WakeUps');
  private readonly listeners: Listener[] = [];
  private readonly gathered = new Set<string>();
  private timer: NodeJS.Timeout | null = null;
  /** When the next message may go (ms of this process). */
  private next = 0;
  private readonly channel: string;
  /** Whom a message comes from: our own ones come back to us, too. */
  private readonly sender = randomUUID();

  constructor(private readonly redis: Redis) {
    this.channel = redis.key('wake');
  }

  onModuleInit(): void {
    this.redis.subscriber.on('message', (channel, message) => {
      if (channel !== this.channel) return;
      const [sender, ...recipientIds] = message.split(' ');
      if (sender !== this.sender) for (const recipientId of recipientIds) this.tell(recipientId);
    });
    // Resolves once Redis is there, however late; nothing waits for it.
    this.redis.subscriber.subscribe(this.channel).catch(() => undefined);
  }

  /** Wakes the recipient's sockets wherever they are connected. Never fails and never waits. */
  wake(recipientId: string, saved?: NotificationEntity): void {
    this.tell(recipientId, saved);
    this.gathered.add(recipientId);
    this.timer ??= setTimeout(
      () => {
        this.publish();
      },
      Math.max(0, this.next - performance.now()),
    );
  }

  onWake(listener: Listener): void {
    this.listeners.push(listener);
  }

  private publish(): void {
    const message = [this.sender, ...this.gathered].join(' ');
    this.gathered.clear();
    this.timer = null;
    this.next = performance.now() + GATHER_MS;
    this.redis.commands.publish(this.channel, message).catch((error: unknown) => {
      this.lost++;
      this.logger.debug({ err: error }, 'A wake-up was not sent.');
    });
  }

  private tell(recipientId: string, saved?: NotificationEntity): void {
    for (const listener of this.listeners) listener(recipientId, saved);
  }
}
