// Connections for single statements that read: many statements are under way on each at once, and what one turn of the
// event loop asks for leaves in one packet. Nothing that waits for a lock, and no transaction, may share such a
// connection.
import { setImmediate } from 'node:timers';
import type { Client } from 'pg';
import { runBatch, type Statement } from './batch.js';

/** So many statements of one turn go together; more would wait too long for each other. */
const TOGETHER = 8;

interface Line {
  readonly client: Client;
  readonly ready: Promise<unknown>;
  connected: boolean;
  underWay: number;
  /** Statements that leave when this turn of the event loop is over. */
  gathered: number;
}

export class ReadLines {
  private readonly lines: (Line | null)[];
  /** Takes what this turn of the event loop asks for: a packet less is a call of the system less. */
  private current: Line | null = null;

  /** `makeClient` makes a client that is not connected yet. */
  constructor(
    size: number,
    private readonly makeClient: () => Client,
  ) {
    this.lines = Array.from({ length: size }, () => null);
  }

  /** Rows of one statement, from the line that has the least to do. A line that broke is replaced at its next use. */
  async query(statement: Statement): Promise<object[]> {
    const line = this.choose();
    line.underWay++;
    try {
      if (!line.connected) await line.ready;
      this.gather(line);
      const [answer] = await runBatch(line.client, [statement]);
      return answer?.rows ?? [];
    } finally {
      line.underWay--;
    }
  }

  async close(): Promise<void> {
    const open = this.lines.filter((line) => line !== null);
    await Promise.allSettled(open.map(({ client }) => client.end()));
  }

  private choose(): Line {
    if (this.current === null || this.current.gathered >= TOGETHER) this.current = this.leastBusy();
    return this.current;
  }

  private leastBusy(): Line {
    let best = 0;
    for (const [index, line] of this.lines.entries())
      if ((line?.underWay ?? 0) < (this.lines[best]?.underWay ?? 0)) best = index;
    return (this.lines[best] ??= this.open(best));
  }

  private open(index: number): Line {
    const client = this.makeClient();
    const line: Line = { client, ready: client.connect(), connected: false, underWay: 0, gathered: 0 };
    const drop = () => {
      if (this.lines[index] === line) this.lines[index] = null;
      if (this.current === line) this.current = null;
    };
    client.once('end', drop);
    client.on('error', drop);
    line.ready.then(
      () => (line.connected = true),
      () => {
        drop();
      },
    );
    return line;
  }

  /** Holds back what is written until this turn of the event loop is over. */
  private gather(line: Line): void {
    if (line.gathered++ > 0) return;
    const { stream } = line.client.connection;
    stream.cork();
    setImmediate(() => {
      line.gathered = 0;
      if (this.current === line) this.current = null;
      stream.uncork();
    });
  }
}
