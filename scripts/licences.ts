// docs/licences.md: what every package that runs in production is licensed under. `npm run licences` writes it,
// `--check` compares it, and refuses licences that nobody has looked at.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FILE = 'docs/licences.md';

/** Permissive ones: they ask for no more than that their text goes along. */
const ACCEPTED = [
  'MIT',
  'ISC',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'BlueOak-1.0.0',
  'Python-2.0',
  'CC0-1.0',
];

/** Packages that say it in their text alone. */
const SAID_IN_README: Record<string, string> = { pause: 'MIT' };

interface Entry {
  version?: string;
  dev?: boolean;
  optional?: boolean;
  license?: string;
}

const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
  packages: Record<string, Entry>;
};
const names = new Map<string, Set<string>>();
for (const [path, { dev, optional, license }] of Object.entries(packages)) {
  // Optional ones differ by platform; each belongs to a package that is listed.
  if (path === '' || dev === true || optional === true) continue;
  const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
  const licence = license ?? SAID_IN_README[name] ?? licenceOf(path);
  names.set(licence, (names.get(licence) ?? new Set()).add(name));
}

/** Old packages say it in their own file only. */
function licenceOf(path: string): string {
  const file = join(path, 'package.json');
  if (!existsSync(file)) return 'not said';
  const { license, licenses } = JSON.parse(readFileSync(file, 'utf8')) as {
    license?: string;
    licenses?: { type: string }[];
  };
  return license ?? licenses?.map(({ type }) => type).join(' OR ') ?? 'not said';
}

function isAccepted(licence: string): boolean {
  const choices = licence.replace(/[()]/g, '').split(/ OR /);
  return choices.some((choice) => choice.split(/ AND /).every((part) => ACCEPTED.includes(part)));
}

const sections = [...names]
  .sort(([a], [b]) => a.localeCompare(b))
  .map(([licence, packagesOfIt]) => `## ${licence}\n\n${[...packagesOfIt].sort().join(', ')}\n`);
const printed = `# Licences\n\nOf every package that runs in production. Written by \`npm run licences\`.\n\n${sections.join('\n')}`;

const refused = [...names].filter(([licence]) => !isAccepted(licence));
for (const [licence, packagesOfIt] of refused) {
  console.error(
    `Nobody has accepted the licence "${licence}" of ${[...packagesOfIt].join(', ')}. See scripts/licences.ts.`,
  );
}
if (refused.length > 0) process.exitCode = 1;
else if (!process.argv.includes('--check')) {
  writeFileSync(FILE, printed);
  console.log(`Wrote ${FILE}.`);
} else if (!existsSync(FILE) || readFileSync(FILE, 'utf8') !== printed) {
  console.error(`${FILE} is not what is installed. Run npm run licences and commit it.`);
  process.exitCode = 1;
}
