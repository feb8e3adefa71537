import { randomBytes } from 'node:crypto';
import { KeyRing } from './key-ring.js';
import { Sealer, Unreadable } from './sealer.js';

const entry = (id: string) => `${id}:${randomBytes(32).toString('base64')}`;
const [K1, K2] = [entry('k1'), entry('k2')];
const ROW = '01890c5e-6f2a-7c3b-9d4e-0123456789ab';
const OTHER = '01890c5e-6f2a-7c3b-9d4e-0123456789ac';

function sealerOf(...keys: string[]): Sealer {
  return new Sealer(KeyRing.parse(keys.join(',')));
}

describe('sealed text', () => {
  const sealer = sealerOf(K1);

  it.each(['a@b.co', '', '12 Đường Trần Phú 🏠', 'x'.repeat(500)])('opens as it was: %j', (text) => {
    expect(sealer.open('email', ROW, sealer.seal('email', ROW, text))).toBe(text);
  });

  it('holds nothing of the text, and is never the same twice', () => {
    const all = new Set<string>();
    for (let n = 0; n < 1000; n++) {
      const sealed = sealer.seal('phone', ROW, '+84901234567');
      expect(sealed.includes('901234567')).toBe(false);
      all.add(sealed.toString('hex'));
    }
    expect(all.size).toBe(1000);
    const nonces = new Set([...all].map((hex) => hex.slice(6, 30)));
    expect(nonces.size).toBe(1000);
  });

  it('opens in no other row and no other column', () => {
    const sealed = sealer.seal('email', ROW, 'a@b.co');
    expect(() => sealer.open('email', OTHER, sealed)).toThrow(Unreadable);
    expect(() => sealer.open('phone', ROW, sealed)).toThrow(Unreadable);
    expect(() => sealer.open('address', ROW, sealed)).toThrow(Unreadable);
  });

  it('with any bit changed, or any end cut off, does not open', () => {
    const sealed = sealer.seal('email', ROW, 'a@b.co');
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const changed = Buffer.from(sealed);
      changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(() => sealer.open('email', ROW, changed)).toThrow(Unreadable);
    }
    for (let length = 0; length < sealed.length; length++) {
      expect(() => sealer.open('email', ROW, sealed.subarray(0, length))).toThrow(Unreadable);
    }
  });

  it('says where it cannot be read, and never what it might be', () => {
    const sealed = sealer.seal('email', ROW, 'a@b.co');
    expect(() => sealer.open('email', OTHER, sealed)).toThrow(
      `What is stored in users.email_sealed of row ${OTHER} was not sealed there with key k1.`,
    );
  });

  it('opens with older keys, and is sealed with the first', () => {
    const old = sealer.seal('address', ROW, 'here');
    const both = sealerOf(K2, K1);
    expect(both.open('address', ROW, old)).toBe('here');
    const fresh = both.seal('address', ROW, 'there');
    expect(sealerOf(K2).open('address', ROW, fresh)).toBe('there');
    expect(() => sealerOf(K1).open('address', ROW, fresh)).toThrow(/is under no key of DATA_KEYS/);
    expect(() => sealerOf(entry('k1')).open('address', ROW, old)).toThrow(Unreadable);
  });
});
