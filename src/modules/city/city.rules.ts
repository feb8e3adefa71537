// Pure rules about cities.

/** Letters that Unicode does not take apart into a base letter and an accent, though readers do. */
const BASE_LETTERS: Readonly<Record<string, string>> = {
  đ: 'd',
  ð: 'd',
  ħ: 'h',
  ı: 'i',
  ł: 'l',
  ø: 'o',
  ŧ: 't',
  æ: 'ae',
  œ: 'oe',
  ß: 'ss',
  þ: 'th',
};

/**
 * What makes two city names the same: trimmed, spaces folded, case and accents ignored, đ = d.
 * `foldName('  Đà   NẴNG ')` is `da nang`.
 */
export function foldName(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .toLowerCase()
    .replace(/[đðħıłøŧæœßþ]/g, (letter) => BASE_LETTERS[letter] ?? letter)
    .replace(/\s+/g, ' ')
    .trim();
}

/** An IANA time zone that this runtime knows. Offsets like +07:00 are none: they say nothing about summer time. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
