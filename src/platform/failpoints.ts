// Points at which a test makes this process die, as a power cut would. They do nothing unless the setting FAILPOINT
// names one, and production refuses to start with it.

/** In the order in which a notification passes them. */
export const FAILPOINTS = [
  'recorded',
  'committed',
  'enqueued',
  'working',
  'emitting',
  'emitted',
  'acknowledged',
] as const;

type Failpoint = (typeof FAILPOINTS)[number];

let armed: string | undefined;
let passesLeft = 0;

/** Takes the setting: the name of a point, or `name@n` to die when it is passed for the n-th time. */
export function armFailpoint(setting: string | undefined): void {
  const [name, passes = '1'] = setting?.split('@') ?? [];
  armed = name;
  passesLeft = Number(passes);
}

/** Dies here, without another instruction, where this point is armed. */
export function failpoint(name: Failpoint): void {
  if (name === armed && --passesLeft <= 0) process.kill(process.pid, 'SIGKILL');
}
