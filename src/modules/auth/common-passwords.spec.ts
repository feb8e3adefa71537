import { dictionary } from '@zxcvbn-ts/language-common';
import { DEMO_LANDLORD, DEMO_TENANT } from '../../platform/graphql/sandbox.js';
import { isCommonPassword } from './common-passwords.js';

describe('common passwords', () => {
  it('are the 3,000 commonest that are long enough to be asked for at all, and more', () => {
    const longEnough = dictionary['passwords-common'].filter((password) => password.length >= 8);
    expect(longEnough.length).toBeGreaterThan(3000);
    expect(longEnough.slice(0, 3000).filter((password) => !isCommonPassword(password))).toEqual([]);
  });

  it.each(['password', '12345678', 'PASSWORD', 'qwertyuiop', 'iloveyou', 'SuNsHiNe'])(
    '%s is one',
    (password) => {
      expect(isCommonPassword(password)).toBe(true);
    },
  );

  it.each([
    DEMO_LANDLORD.password,
    DEMO_TENANT.password,
    'correct horse battery',
    ' password',
    'пароль на замок',
  ])('%s is none', (password) => {
    expect(isCommonPassword(password)).toBe(false);
  });
});
