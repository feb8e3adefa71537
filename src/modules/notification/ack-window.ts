// What one socket was sent and has confirmed: pure bookkeeping, bounded by its size.

/** Most notifications that may be under way to one socket without a confirmation. */
const SIZE = 50;

export class AckWindow {
  /** Sent and confirmed beyond the unbroken run. */
  private readonly confirmed = new Set<number>();
  private sent: number;
  private generation = 0;

  /** `acked`: everything up to there counts as confirmed from the start. */
  constructor(private acked: number) {
    this.sent = acked;
  }

  /** The end of the unbroken run of confirmations: 3 without 1 and 2 moves nothing. */
  get ackedSequence(): number {
    return this.acked;
  }

  get sentSequence(): number {
    return this.sent;
  }

  /** How many more may be sent now. */
  get room(): number {
    return SIZE - (this.sent - this.acked);
  }

  /** Takes note that `sequence`, the next one, is sent; answers which sending this is, for {@link expire}. */
  send(sequence: number): number {
    this.sent = sequence;
    return this.generation;
  }

  /** Takes note of a confirmation; answers whether the unbroken run grew. */
  confirm(sequence: number): boolean {
    if (sequence <= this.acked) return false;
    this.confirmed.add(sequence);
    const before = this.acked;
    while (this.confirmed.delete(this.acked + 1)) this.acked++;
    this.sent = Math.max(this.sent, this.acked);
    return this.acked > before;
  }

  /**
   * A confirmation did not come in time. Where it is the first missing one of the latest sending, everything from
   * there on is to be sent again.
   */
  expire(sequence: number, generation: number): boolean {
    if (generation !== this.generation || sequence !== this.acked + 1) return false;
    this.sent = this.acked;
    this.generation++;
    return true;
  }
}
