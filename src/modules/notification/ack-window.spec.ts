import fc from 'fast-check';
import { AckWindow } from './ack-window.js';

describe('AckWindow', () => {
  it('moves by unbroken runs alone', () => {
    const window = new AckWindow(10);
    for (const sequence of [11, 12, 13]) window.send(sequence);
    expect(window.confirm(13)).toBe(false);
    expect(window.confirm(12)).toBe(false);
    expect(window.ackedSequence).toBe(10);
    expect(window.confirm(11)).toBe(true);
    expect(window.ackedSequence).toBe(13);
  });

  it('has room for 50', () => {
    const window = new AckWindow(0);
    for (let sequence = 1; sequence <= 50; sequence++) {
      expect(window.room).toBe(51 - sequence);
      window.send(sequence);
    }
    expect(window.room).toBe(0);
    window.confirm(2);
    expect(window.room).toBe(0);
    window.confirm(1);
    expect(window.room).toBe(2);
  });

  it('turns back once, to the first missing one', () => {
    const window = new AckWindow(0);
    const sending = [1, 2, 3].map((sequence) => window.send(sequence));
    window.confirm(1);
    expect(window.expire(3, sending[2] ?? -1)).toBe(false);
    expect(window.expire(2, sending[1] ?? -1)).toBe(true);
    expect(window.sentSequence).toBe(1);
    // The same sending's later timeouts have nothing left to say.
    expect(window.expire(2, sending[1] ?? -1)).toBe(false);
    const again = window.send(2);
    expect(window.expire(2, again)).toBe(true);
  });

  it('never forgets a confirmation that came out of order, or late', () => {
    const window = new AckWindow(0);
    const first = window.send(1);
    window.send(2);
    window.confirm(2);
    expect(window.expire(1, first)).toBe(true);
    expect(window.confirm(1)).toBe(true);
    expect(window.ackedSequence).toBe(2);
    expect(window.sentSequence).toBe(2);
  });

  it('only grows, never passes what was sent, and is exact, whatever comes', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('send' as const) }),
      fc.record({ kind: fc.constant('confirm' as const), back: fc.nat(60) }),
      fc.record({ kind: fc.constant('expire' as const), back: fc.nat(60) }),
    );
    fc.assert(
      fc.property(fc.nat(1000), fc.array(step, { maxLength: 300 }), (from, steps) => {
        const window = new AckWindow(from);
        const confirmed = new Set<number>();
        const generations = new Map<number, number>();
        let everSent = from;
        let acked = from;
        for (const one of steps) {
          if (one.kind === 'send' && window.room > 0) {
            const sequence = window.sentSequence + 1;
            generations.set(sequence, window.send(sequence));
            everSent = Math.max(everSent, sequence);
          } else if (one.kind !== 'send') {
            const sequence = everSent - one.back;
            if (sequence <= from) continue;
            if (one.kind === 'confirm') {
              window.confirm(sequence);
              confirmed.add(sequence);
            } else window.expire(sequence, generations.get(sequence) ?? -1);
          }
          expect(window.ackedSequence).toBeGreaterThanOrEqual(acked);
          acked = window.ackedSequence;
          expect(acked).toBeLessThanOrEqual(everSent);
          expect(window.sentSequence).toBeGreaterThanOrEqual(acked);
          expect(window.room).toBeLessThanOrEqual(50);
          let run = from;
          while (confirmed.has(run + 1)) run++;
          expect(acked).toBe(run);
        }
      }),
    );
  });
});
