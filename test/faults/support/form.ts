// How long to wait in the form of the suite that runs: CI's short one shows the same in less time.
export const isLong = process.env.ROOST_FAULTS !== 'short';

/** One of two numbers, by the form that runs. */
export function longOrShort(long: number, short: number): number {
  return isLong ? long : short;
}
