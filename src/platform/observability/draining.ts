// Stopping without failing anyone: who listens here sends its clients elsewhere before anything is closed.
import { Injectable } from '@nestjs/common';

type Task = () => Promise<void> | void;

@Injectable()
export class Draining {
  private readonly tasks: Task[] = [];
  private begun: Promise<void> | null = null;

  /** true once this process was asked to stop. */
  get started(): boolean {
    return this.begun !== null;
  }

  /** Runs `task` when draining starts; its failure delays nothing. */
  onStart(task: Task): void {
    this.tasks.push(task);
  }

  /** From here on this process takes no new sockets, and says in /health/ready that it is going. */
  start(): Promise<void> {
    this.begun ??= Promise.allSettled(this.tasks.map(async (task) => task())).then(() => undefined);
    return this.begun;
  }
}
