import { isWeaker } from './password.rules.js';

const SALT_AND_HASH = 'c29tZXNhbHQ$RdescudvJCsgt3ub';

describe('a stored password hash', () => {
  it.each([
    ['$argon2id$v=19$m=19456,t=2,p=1$', false],
    ['$argon2id$v=19$m=19456,t=3,p=1$', false],
    ['$argon2id$v=19$m=65536,t=2,p=1$', false],
    ['$argon2id$v=19$m=19455,t=2,p=1$', true],
    ['$argon2id$v=19$m=9000,t=9,p=1$', true],
    ['$argon2id$v=19$m=65536,t=1,p=1$', true],
    ['$argon2i$v=19$m=65536,t=9,p=1$', true],
    ['$argon2id$v=16$m=65536,t=9,p=1$', true],
    ['$2b$12$', true],
  ])('%s… is weaker than 19456 KiB and 2 passes: %s', (start, weaker) => {
    expect(isWeaker(start + SALT_AND_HASH, { memoryCost: 19_456, timeCost: 2 })).toBe(weaker);
  });
});
