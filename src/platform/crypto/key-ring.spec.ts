import { randomBytes } from 'node:crypto';
import { EmailIndex } from './email-index.js';
import { KeyRing } from './key-ring.js';

const KEY = randomBytes(32).toString('base64');
const OTHER = randomBytes(32).toString('base64');

describe('a ring of keys', () => {
  it('reads keys in their order; the first is the current one', () => {
    const ring = KeyRing.parse(`k2:${KEY}, k1:${OTHER}`);
    expect(ring.keys.map(({ id }) => id)).toEqual(['k2', 'k1']);
    expect(ring.current.id).toBe('k2');
    expect(ring.current.secret.export().toString('base64')).toBe(KEY);
    expect(
      KeyRing.parse(`k:${KEY.replace('=', '')}`)
        .current.secret.export()
        .toString('base64'),
    ).toBe(KEY);
  });

  it.each([
    ['', 'number 1 is not'],
    [KEY, 'number 1 is not'],
    [`k1:${KEY},`, 'number 2 is not'],
    [`:${KEY}`, 'number 1 is not'],
    [`K1:${KEY}`, 'number 1 is not'],
    [`k1:${KEY.slice(1)}`, 'number 1 is not'],
    [`k1:A${KEY}`, 'number 1 is not'],
    [`k1:${'!'.repeat(43)}=`, 'number 1 is not'],
    [`${'k'.repeat(17)}:${KEY}`, 'number 1 is not'],
    [`k1:${KEY},k1:${OTHER}`, 'two keys with the id k1'],
    [`k1:${KEY},k2:${KEY}`, 'the same key as k1 and k2'],
  ])('refuses %s', (text, words) => {
    expect(() => KeyRing.parse(text)).toThrow(words);
  });
});

describe('the index of e-mail addresses', () => {
  const index = new EmailIndex(KeyRing.parse(`i2:${KEY},i1:${OTHER}`));

  it('is the same for the same address in whatever case, and for no other', () => {
    expect(index.of('Ann@Example.com')).toEqual(index.of('ann@example.COM'));
    expect(index.of('ann@example.com')).not.toEqual(index.of('anne@example.com'));
  });

  it('depends on the key, and knows every key that an address may be stored under', () => {
    const older = new EmailIndex(KeyRing.parse(`i1:${OTHER}`));
    expect(index.all('a@b.co')).toEqual([index.of('a@b.co'), older.of('a@b.co')]);
    expect(index.of('a@b.co')).not.toEqual(older.of('a@b.co'));
  });

  it('holds nothing of the address', () => {
    expect(index.of('ann@example.com').toString('latin1')).not.toContain('ann');
  });
});
