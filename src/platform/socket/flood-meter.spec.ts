import { FloodMeter } from './flood-meter.js';

describe('FloodMeter', () => {
  const received = (meter: FloodMeter, count: number, now: number) =>
    Array.from({ length: count }, () => meter.received(now)).filter((fine) => fine).length;

  it('lets a burst of two seconds through, and no more', () => {
    expect(received(new FloodMeter(10, 0), 30, 0)).toBe(20);
  });

  it('lets the rate through for ever', () => {
    const meter = new FloodMeter(10, 0);
    for (let now = 0; now < 60_000; now += 100) expect(meter.received(now)).toBe(true);
  });

  it('gathers no more than the burst in a quiet hour', () => {
    const meter = new FloodMeter(10, 0);
    expect(received(meter, 30, 3_600_000)).toBe(20);
  });

  it('lets one answer through for each message that was sent, on top', () => {
    const meter = new FloodMeter(10, 0);
    for (let n = 0; n < 5000; n++) meter.sent();
    expect(received(meter, 5030, 0)).toBe(5020);
  });
});
