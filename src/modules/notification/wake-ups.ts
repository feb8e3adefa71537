// "There is something new for you": to every instance, over Redis. Only a hint: a lost one is made up for by the sweep.
import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { Redis } from '../../platform/redis/redis.js';

type Listener = (recipientId: string) => void;

@Injectable()
export class WakeUps implements OnModuleInit {
  /** Wake-ups that could not be sent, since the start. */
  lost = 0;
  private readonly logger = new Logger('WakeUps');
  private readonly listeners: Listener[] = [];
  private readonly channel: string;

  constructor(private readonly redis: Redis) {
    this.channel = redis.key('wake');
  }

  onModuleInit(): void {
    this.redis.subscriber.on('message', (channel, recipientId) => {
      if (channel === this.channel) this.tell(recipientId);
    });
    // Resolves once Redis is there, however late; nothing waits for it.
    this.redis.subscriber.subscribe(this.channel).catch(() => undefined);
  }

  /** Wakes the recipient's sockets wherever they are connected. Never fails and never waits. */
  wake(recipientId: string): void {
    this.redis.commands.publish(this.channel, recipientId).catch((error: unknown) => {
      this.lost++;
      this.logger.debug({ err: error }, 'A wake-up was not sent.');
      // At least those who are connected here.
      this.tell(recipientId);
    });
  }

  onWake(listener: Listener): void {
    this.listeners.push(listener);
  }

  private tell(recipientId: string): void {
    for (const listener of this.listeners) listener(recipientId);
  }
}
