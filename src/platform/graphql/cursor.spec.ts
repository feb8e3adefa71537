import fc from 'fast-check';
import { decodeCursor, encodeCursor } from './cursor.js';

const ID = '01890c5e-6f2a-7c3b-9d4e-0123456789ab';

describe('cursors', () => {
  it('hold a list, a sort key and an id', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.oneof(
          fc.string({ unit: 'grapheme' }),
          fc.nat(),
          fc.date({ min: new Date(0), noInvalidDate: true }),
        ),
        (list, key) => {
          const cursor = encodeCursor(list, { key, id: ID });
          expect(cursor).toMatch(/^[\w-]+$/);
          expect(decodeCursor(cursor)).toEqual(
            typeof key === 'string' && key.includes('\0')
              ? null
              : { list, key: key instanceof Date ? key.getTime() : key, id: ID },
          );
        },
      ),
    );
  });

  it.each<[string, string]>([
    ['nothing', ''],
    ['no base64', '§§§'],
    ['no JSON', Buffer.from('hello').toString('base64url')],
    ...(
      [
        ['no array', { list: 'x' }],
        ['too few parts', ['x', 1]],
        ['too many parts', ['x', 1, ID, 1]],
        ['no list', [1, 1, ID]],
        ['no id', ['x', 1, 'id']],
        ['an id in capitals', ['x', 1, ID.toUpperCase()]],
        ['a negative number', ['x', -1, ID]],
        ['a fraction', ['x', 1.5, ID]],
        ['a huge number', ['x', 1e300, ID]],
        ['an object for a key', ['x', {}, ID]],
        ['null for a key', ['x', null, ID]],
        ['NUL in a key', ['x', '\0', ID]],
      ] as const
    ).map(([what, value]): [string, string] => [
      what,
      Buffer.from(JSON.stringify(value)).toString('base64url'),
    ]),
  ])('are refused with %s', (_, cursor) => {
    expect(decodeCursor(cursor)).toBeNull();
  });

  it('never throw, whatever comes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(() => decodeCursor(text)).not.toThrow();
        expect(() => decodeCursor(Buffer.from(text).toString('base64url'))).not.toThrow();
      }),
    );
  });
});
