// The keys that test data is sealed with.

/** Keys of the tests' own: 32 bytes in base64. */
export const KEYS = {
  data: ['k1', 'k2'].map(keyNamed) as [string, string],
  index: ['i1', 'i2'].map(keyNamed) as [string, string],
};

export function keyNamed(id: string): string {
  return `${id}:${Buffer.from(id.repeat(16)).toString('base64')}`;
}
