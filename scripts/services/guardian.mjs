// Outlives whoever started it, to stop what they left behind. Each line on standard input is a process to watch:
// {"pid": 1, "signal": "SIGINT", "name": "postgres"}. When the input ends, for whatever reason, each is stopped.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

const PATIENCE_MS = 15_000;
const watched = [];

// A Ctrl-C in the terminal is for the starter; this process has the last word.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined);

for await (const line of createInterface({ input: process.stdin })) watched.push(JSON.parse(line));

// The last one started may depend on the ones before it.
for (const { pid, signal } of watched.reverse()) {
  send(pid, signal);
  for (let waited = 0; alive(pid) && waited < PATIENCE_MS; waited += 50) await sleep(50);
  if (alive(pid)) send(pid, 'SIGKILL');
}

/** A zombie only waits for its parent, which may never come. */
function alive(pid) {
  if (!send(pid, 0)) return false;
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return true;
  }
}

function send(pid, signal) {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
