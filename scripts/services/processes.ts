// Child processes that must not outlive us, whatever happens to us.
import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const GUARDIAN = fileURLToPath(new URL('guardian.mjs', import.meta.url));
const PATIENCE_MS = 15_000;

let guardian: ChildProcess | null = null;

/** A child in a process group of its own, so that a Ctrl-C reaches only us; a guardian stops it where we cannot. */
export function spawnGuarded(
  command: string,
  args: string[],
  signal: NodeJS.Signals,
  options: SpawnOptions,
): ChildProcess {
  const child = spawn(command, args, { ...options, detached: true });
  // A command that does not exist is told by its 'error' event and has no pid.
  if (child.pid !== undefined) watch(child.pid, signal);
  return child;
}

function watch(pid: number, signal: NodeJS.Signals): void {
  if (guardian === null) {
    guardian = spawn(process.execPath, [GUARDIAN], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
    guardian.unref();
    guardian.stdin?.on('error', () => undefined);
    (guardian.stdin as unknown as { unref?: () => void }).unref?.();
  }
  guardian.stdin?.write(`${JSON.stringify({ pid, signal })}\n`);
}

/** Stops a child and waits until it is gone. */
export async function stopChild(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  const killer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  await gone;
  clearTimeout(killer);
}

/** Stops a process that an earlier run left behind, where it still is the one that `words` describe. */
export async function stopLeftOver(
  pid: number,
  words: readonly string[],
  signal: NodeJS.Signals,
): Promise<void> {
  const command = commandOf(pid);
  if (command === null || !words.every((word) => command.includes(word))) return;
  process.kill(pid, signal);
  for (let waited = 0; isAlive(pid) && waited < PATIENCE_MS; waited += 20) await sleep(20);
  if (isAlive(pid)) process.kill(pid, 'SIGKILL');
}

/** Whether the process runs; a zombie, which only waits for its parent to take note, does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return !/^State:\s+Z/m.test(statusOf(pid));
}

/** What Linux tells of a process; empty elsewhere, or where there is none. */
export function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return '';
  }
}

/** The command line of a process, or null where there is none, or no way to tell. */
export function commandOf(pid: number): string | null {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return null;
  }
}

/** A TCP port of the loopback that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('The loopback gave no port.');
  return address.port;
}
