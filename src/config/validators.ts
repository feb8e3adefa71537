// What a setting may be: each validator turns its text into a value, or says in plain words what it must be.
import { makeValidator } from 'envalid';
import { KeyRing } from '../platform/crypto/key-ring.js';
import { FAILPOINTS } from '../platform/failpoints.js';

export const wholeNumber = (min: number, max: number) =>
  makeValidator<number>((input) => {
    const value = Number(input);
    if (!/^\d+$/.test(input) || value < min || value > max) {
      throw new Error(`must be a whole number from ${min} to ${max}, not "${input}"`);
    }
    return value;
  });

export const postgresUrl = makeValidator<string>((input) => {
  if (!/^postgres(ql)?:\/\//.test(input)) throw new Error('must start with postgres:// or postgresql://');
  return input;
});

export const redisUrl = makeValidator<string>((input) => {
  if (!/^rediss?:\/\//.test(input)) throw new Error('must start with redis:// or rediss://');
  return input;
});

export const redisPrefix = makeValidator<string>((input) => {
  // In braces, Redis Cluster keeps everything on one node, which BullMQ needs.
  if (!/^([\w-]{1,40}|\{[\w-]{1,40}\})$/.test(input))
    throw new Error('must be 1 to 40 letters, digits, _ or -, in braces if need be');
  return input;
});

export const rate = makeValidator<{ points: number; seconds: number }>((input) => {
  const [, points = '', seconds = ''] = /^(\d{1,9})\/(\d{1,6})$/.exec(input) ?? [];
  if (Number(points) < 1 || Number(seconds) < 1) {
    throw new Error(
      `must be a number of times, a slash and a number of seconds, like 10/900, not "${input}"`,
    );
  }
  return { points: Number(points), seconds: Number(seconds) };
});

/** A limit of so many times in so many seconds. */
export const limit = (points: number, seconds: number, desc: string) =>
  rate({ default: { points, seconds }, desc: `${desc} Times/seconds.` });

export const list = makeValidator<string[]>((input) =>
  input
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
);

export const keyRing = makeValidator<KeyRing>((input) => KeyRing.parse(input));

export const failpoint = makeValidator<string>((input) => {
  if (!new RegExp(`^(${FAILPOINTS.join('|')})(@[1-9]\\d{0,5})?$`).test(input)) {
    throw new Error(`must be one of ${FAILPOINTS.join(', ')}, and @n for the n-th time`);
  }
  return input;
});
