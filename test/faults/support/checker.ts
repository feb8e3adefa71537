// The one judge: compares what PostgreSQL committed with what every device kept, and watches the cursor all along.
import type pg from 'pg';
import { eventually } from '../../support/live.js';
import type { Device } from './device.js';

/** Numbers of a run; all but the first two must be 0. */
export interface Verdict {
  committed: number;
  received: number;
  /** I1: committed, and not kept by a device of its recipient. */
  lost: number;
  /** I2: applied more than once. */
  doubled: number;
  /** I3: not in the order of sequences, or with gaps, in PostgreSQL or at a device. */
  outOfOrder: number;
  /** I4: kept, but never committed. */
  neverCommitted: number;
  /** I5: kept by a device of somebody else. */
  misdelivered: number;
  /** I6: the cursor went back, past the newest, or past what was confirmed. */
  cursorFaults: number;
}

interface Row {
  recipientId: string;
  id: string;
  sequence: string;
}

/** I6, while things go on: samples every cursor, and holds it against the one before and against the devices. */
export class CursorWatch {
  readonly faults: string[] = [];
  private readonly before = new Map<string, number>();
  private timer: NodeJS.Timeout | null = null;
  private looking: Promise<void> | null = null;

  constructor(
    private readonly sql: pg.Pool,
    private readonly devices: readonly Device[],
  ) {
    this.timer = setInterval(() => {
      this.looking ??= this.look().finally(() => (this.looking = null));
    }, 100);
  }

  async stop(): Promise<void> {
    if (this.timer !== null) clearInterval(this.timer);
    await this.looking;
  }

  private async look(): Promise<void> {
    try {
      const { rows } = await this.sql.query<{ id: string; acked: string; last: string }>(
        `SELECT i.recipient_id AS id, coalesce(c.acked_sequence, 0) AS acked, i.last_sequence AS last
         FROM inbox i LEFT JOIN inbox_cursor c ON c.recipient_id = i.recipient_id WHERE i.recipient_id = ANY($1)`,
        [this.devices.map(({ person }) => person.id)],
      );
      for (const { id, acked, last } of rows) this.judge(id, Number(acked), Number(last));
    } catch {
      // PostgreSQL is away; the next sample is held against the last one.
    }
  }

  private judge(id: string, acked: number, last: number): void {
    const kept = this.devices.filter(({ person }) => person.id === id).map((device) => device.kept.length);
    if (acked < (this.before.get(id) ?? 0))
      this.faults.push(`${id}: back from ${this.before.get(id)} to ${acked}`);
    if (acked > last) this.faults.push(`${id}: ${acked} is past the newest, ${last}`);
    if (acked > Math.max(...kept))
      this.faults.push(`${id}: ${acked}, but devices kept ${kept.join(' and ')}`);
    this.before.set(id, acked);
  }
}

/** Waits until every device has what its recipient was sent, and the cursors say so. */
export async function drain(sql: pg.Pool, devices: readonly Device[], timeoutMs: number): Promise<void> {
  let behind = '';
  await eventually(
    async () => {
      const { rows } = await sql.query<{ id: string; acked: string | null; last: string }>(
        `SELECT i.recipient_id AS id, c.acked_sequence AS acked, i.last_sequence AS last
         FROM inbox i LEFT JOIN inbox_cursor c ON c.recipient_id = i.recipient_id`,
      );
      const state = new Map(rows.map((row) => [row.id, row]));
      const late = devices.filter(({ person, kept }) => {
        const { acked, last } = state.get(person.id) ?? { acked: 0, last: 0 };
        return kept.length < Number(last) || Number(acked) < Number(last);
      });
      behind = late
        .map(({ person, kept, isConnected }) =>
          JSON.stringify({ ...state.get(person.id), kept: kept.length, isConnected }),
        )
        .join(', ');
      return late.length === 0;
    },
    'every device to be told everything',
    timeoutMs,
  ).catch((error: unknown) => {
    throw new Error(`${String(error)} Behind: ${behind}`);
  });
}

export async function judge(
  sql: pg.Pool,
  devices: readonly Device[],
  cursor: CursorWatch | null,
): Promise<Verdict> {
  const { rows } = await sql.query<Row>(
    'SELECT recipient_id AS "recipientId", id, sequence FROM notification ORDER BY recipient_id, sequence',
  );
  const byRecipient = new Map<string, Row[]>();
  for (const row of rows) {
    const own = byRecipient.get(row.recipientId);
    if (own === undefined) byRecipient.set(row.recipientId, [row]);
    else own.push(row);
  }
  const owner = new Map(rows.map(({ id, recipientId }) => [id, recipientId]));
  const verdict: Verdict = {
    committed: 0,
    received: 0,
    lost: 0,
    doubled: 0,
    outOfOrder: 0,
    neverCommitted: 0,
    misdelivered: 0,
    cursorFaults: cursor?.faults.length ?? 0,
  };
  const recipients = new Set(devices.map(({ person }) => person.id));
  for (const recipientId of recipients) {
    const own = byRecipient.get(recipientId) ?? [];
    verdict.committed += own.length;
    verdict.outOfOrder += own.filter(({ sequence }, index) => Number(sequence) !== index + 1).length;
  }
  for (const device of devices) {
    const own = byRecipient.get(device.person.id) ?? [];
    const kept = new Set(device.kept);
    verdict.received += device.kept.length;
    verdict.lost += own.filter(({ id }) => !kept.has(id)).length;
    verdict.doubled += device.kept.length - kept.size;
    verdict.outOfOrder +=
      device.faults.length + own.filter(({ id }, at) => kept.has(id) && device.kept[at] !== id).length;
    verdict.neverCommitted += device.kept.filter((id) => !owner.has(id)).length;
    verdict.misdelivered += device.kept.filter(
      (id) => owner.has(id) && owner.get(id) !== device.person.id,
    ).length;
  }
  return verdict;
}
