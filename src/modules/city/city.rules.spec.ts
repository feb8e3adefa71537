import fc from 'fast-check';
import { foldName, isTimeZone } from './city.rules.js';

describe('foldName', () => {
  it.each([
    ['Đà Nẵng', 'da nang'],
    ['  ĐÀ   NẴNG ', 'da nang'],
    ['Thành phố Hồ Chí Minh', 'thanh pho ho chi minh'],
    ['Köln', 'koln'],
    ['Łódź', 'lodz'],
    ['Århus', 'arhus'],
    ['København', 'kobenhavn'],
    ['Straße', 'strasse'],
    ['İstanbul', 'istanbul'],
    ['Diyarbakır', 'diyarbakir'],
    ['Cafe\u0301', 'cafe'],
    ['Ｔｏｋｙｏ', 'tokyo'],
    ['東京', '東京'],
    ['\u0301', ''],
  ])('%s is %s', (name, folded) => {
    expect(foldName(name)).toBe(folded);
  });

  it('folds what is folded no further', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (name) => {
        expect(foldName(foldName(name))).toBe(foldName(name));
      }),
    );
  });

  it('ignores case and the form that Unicode is written in', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('Đà Nẵng', 'México', 'Köln', 'Reykjavík', 'Ærø'),
        fc.constantFrom('NFC', 'NFD', 'NFKC', 'NFKD'),
        (name, form) => {
          expect(foldName(name.toUpperCase().normalize(form))).toBe(foldName(name));
        },
      ),
    );
  });
});

describe('isTimeZone', () => {
  it.each(['Asia/Ho_Chi_Minh', 'Etc/UTC', 'UTC', 'America/Argentina/Buenos_Aires', 'Etc/GMT+12'])(
    '%s is one',
    (name) => {
      expect(isTimeZone(name)).toBe(true);
    },
  );

  it.each(['', 'Mars', 'Asia/Nowhere', '+07:00', '07:00', '../etc/passwd', 'Asia/Ho Chi Minh'])(
    '%s is none',
    (name) => {
      expect(isTimeZone(name)).toBe(false);
    },
  );
});
