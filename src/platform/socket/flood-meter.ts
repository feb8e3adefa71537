// How much a socket may send: so many messages a second, and one more for each that it was sent, because
// acknowledging is what clients are asked to do. Pure bookkeeping.

/** Messages that may come at once, in seconds' worth of the rate. */
const BURST_SECONDS = 2;

export class FloodMeter {
  private readonly most: number;
  private allowed: number;
  private answers = 0;

  constructor(
    private readonly perSecond: number,
    private last: number,
  ) {
    this.most = perSecond * BURST_SECONDS;
    this.allowed = this.most;
  }

  /** A message went to the client: it may answer. */
  sent(): void {
    this.answers++;
  }

  /** A message came at `now` (ms); answers whether that is still no flood. */
  received(now: number): boolean {
    this.allowed = Math.min(this.most, this.allowed + ((now - this.last) / 1000) * this.perSecond);
    this.last = now;
    if (this.answers > 0) this.answers--;
    else this.allowed--;
    return this.allowed >= 0;
  }
}
