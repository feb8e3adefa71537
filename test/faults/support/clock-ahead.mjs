// Loaded before anything else, sets this process's clock two hours ahead, as a machine without NTP may be:
// NODE_OPTIONS=--import=<this file>. What counts from an arbitrary start (performance.now, timers) is untouched.
const AHEAD_MS = 2 * 60 * 60 * 1000;
const RealDate = globalThis.Date;

globalThis.Date = class Date extends RealDate {
  constructor(...args) {
    super(...(args.length === 0 ? [RealDate.now() + AHEAD_MS] : args));
  }

  static now() {
    return RealDate.now() + AHEAD_MS;
  }
};
