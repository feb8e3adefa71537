// The documents: nothing listed that is not there, nothing there that is not listed.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Record<
  'dependencies' | 'devDependencies' | 'scripts' | 'allowScripts',
  Record<string, string>
>;
const documents = [
  'README.md',
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => join('docs', file)),
];

describe('the lock file', () => {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
    packages: Record<string, { resolved?: string; hasInstallScript?: boolean }>;
  };

  it('names no place to download from', () => {
    expect(Object.entries(packages).filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
  });

  it('holds no install script that nobody has decided about by name', () => {
    const scripted = Object.entries(packages).filter(([, { hasInstallScript }]) => hasInstallScript === true);
    const names = scripted.map(([path]) =>
      path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length),
    );
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => !(name in manifest.allowScripts))).toEqual([]);
  });
});

describe('the documents', () => {
  it('give one reason for each package, and none for a package that is not used', () => {
    const text = readFileSync('docs/dependencies.md', 'utf8');
    const rows = [...text.matchAll(/^\| `(.+?)` +\| (.+?) +\|$/gm)].map(([, name = '', why = '']) => ({
      name,
      why,
    }));
    const wanted = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies });
    expect(rows.map(({ name }) => name).sort()).toEqual(wanted.sort());
    expect(new Set(rows.map(({ why }) => why)).size).toBe(rows.length);
  });

  it.each(documents)('%s links to files that exist', (document) => {
    const links = [...readFileSync(document, 'utf8').matchAll(/\]\((?!https?:)([^)#]+)/g)].map(
      ([, link = '']) => link,
    );
    expect(links.filter((link) => !existsSync(join(dirname(document), link)))).toEqual([]);
  });

  it.each(documents)('%s names scripts that exist', (document) => {
    const named = [...readFileSync(document, 'utf8').matchAll(/npm run ([\w:-]+)/g)].map(
      ([, name = '']) => name,
    );
    expect(named.filter((name) => !(name in manifest.scripts))).toEqual([]);
  });
});
