// Compiles where the sources are not those that were compiled last.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const STAMP = 'dist/.built';

/** @throws Error with the compiler's words */
export async function build(say: (sentence: string) => void): Promise<void> {
  const wanted = fingerprint(
    ['src', 'migrations'],
    ['package-lock.json', 'tsconfig.json', 'tsconfig.build.json', 'nest-cli.json', '.swcrc'],
  );
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return;
  say('Compiling the sources.');
  try {
    await run('npx', ['nest', 'build'], { shell: process.platform === 'win32' });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`The sources do not compile:\n${stdout}${stderr}`);
  }
  writeFileSync(STAMP, wanted);
}

function fingerprint(folders: string[], files: string[]): string {
  const hash = createHash('sha256');
  const inFolders = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
  );
  for (const file of [...inFolders, ...files].sort()) {
    if (statSync(file).isFile()) hash.update(file).update(readFileSync(file));
  }
  return hash.digest('hex');
}
