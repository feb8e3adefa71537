// Real processes of the compiled application, with what they print.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { freePort, spawnGuarded } from '../../scripts/services/processes.js';
import { Api } from './api.js';

type Entry = 'main' | 'worker' | 'rotate-keys';

export class RoostProcess {
  output = '';

  private constructor(
    readonly child: ChildProcess,
    readonly api: Api,
  ) {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    }
  }

  /** Starts `dist/src/<entry>.js`; answers once it says that it is ready. */
  static async start(settings: Record<string, string>, entry: Entry = 'main'): Promise<RoostProcess> {
    const PORT = settings.PORT ?? String(await freePort());
    const roost = RoostProcess.spawn({ ...settings, PORT }, entry);
    const answer = await Promise.race([once(roost.child, 'message'), once(roost.child, 'exit')]);
    if (answer[0] !== 'ready') throw new Error(`It did not start:\n${roost.output}`);
    return roost;
  }

  /** Starts it, and waits for nothing. */
  static spawn(settings: Record<string, string>, entry: Entry = 'main'): RoostProcess {
    const { PATH = '', HOME = '' } = process.env;
    const child = spawnGuarded(process.execPath, [`dist/src/${entry}.js`], 'SIGKILL', {
      env: { PATH, HOME, ...settings },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    return new RoostProcess(child, new Api(`http://127.0.0.1:${settings.PORT}`));
  }

  get url(): string {
    return this.api.url;
  }

  /** Sends the signal and answers the exit code; null where the signal ended it. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return this.child.exitCode;
    const gone = once(this.child, 'exit');
    this.child.kill(signal);
    await gone;
    return this.child.exitCode;
  }

  /** Waits until it exits by itself. */
  async exited(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'exit');
    return this.child.exitCode;
  }
}
