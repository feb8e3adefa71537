// Each gate of `npm run check` is shown to bite: on a copy of the sources with one violation planted.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

interface Violation {
  gate: string;
  what: string;
  plant: (file: (path: string) => string) => void;
  /** What the gate says about it. */
  says: RegExp;
}

const append = (path: string, text: string) => (file: (path: string) => string) => {
  appendFileSync(file(path), text);
};

const VIOLATIONS: Violation[] = [
  {
    gate: 'prettier',
    what: 'a badly formatted line',
    plant: append('src/app.module.ts', '\nexport const   ugly=1\n'),
    says: /app\.module\.ts/,
  },
  {
    gate: 'dependency-cruiser',
    what: 'a module that imports against the arrows',
    plant: append('src/modules/place/place.service.ts', "import '../booking/booking.service.js';\n"),
    says: /arrows-place/,
  },
  {
    gate: 'dependency-cruiser',
    what: 'somebody who imports notification',
    plant: append(
      'src/modules/booking/booking.service.ts',
      "import '../notification/notification.service.js';\n",
    ),
    says: /arrows-booking/,
  },
  {
    gate: 'dependency-cruiser',
    what: "a way around another module's front door",
    plant: append('src/modules/booking/booking.service.ts', "import '../place/place.repository.js';\n"),
    says: /front-door-only/,
  },
  {
    gate: 'dependency-cruiser',
    what: 'a platform that knows a module',
    plant: append('src/platform/redis/redis.ts', "import '../../modules/city/city.service.js';\n"),
    says: /platform-knows-no-module/,
  },
  {
    gate: 'dependency-cruiser',
    what: 'SQL in a service',
    plant: append('src/modules/city/city.service.ts', "import 'pg';\n"),
    says: /sql-in-repositories/,
  },
  {
    gate: 'dependency-cruiser',
    what: 'GraphQL in a repository',
    plant: append('src/modules/city/city.repository.ts', "import 'graphql';\n"),
    says: /graphql-at-the-door/,
  },
  {
    gate: 'dependency-cruiser',
    what: 'rules that do I/O',
    plant: append('src/modules/booking/booking.rules.ts', "import 'node:fs';\n"),
    says: /pure-rules/,
  },
  {
    gate: 'dependency-cruiser',
    what: 'a table of transitions that imports',
    plant: append('src/modules/booking/booking.transitions.ts', "import './booking.rules.js';\n"),
    says: /transitions-import-nothing|no-circles/,
  },
  {
    gate: 'dependency-cruiser',
    what: 'a circle',
    plant: (file) => {
      appendFileSync(
        file('src/modules/city/city.rules.ts'),
        "import { b } from './b.rules.js';\nexport const a = () => b;\n",
      );
      writeFileSync(
        file('src/modules/city/b.rules.ts'),
        "import { a } from './city.rules.js';\nexport const b = () => a;\n",
      );
    },
    says: /no-circles/,
  },
  {
    gate: 'dependency-cruiser',
    what: 'a barrel',
    plant: (file) => {
      writeFileSync(file('src/modules/city/index.ts'), "export * from './city.rules.js';\n");
      appendFileSync(file('src/modules/city/city.service.ts'), "import './index.js';\n");
    },
    says: /no-barrels/,
  },
  {
    gate: 'dependency-cruiser',
    what: 'a test helper in production code',
    plant: append('src/app.module.ts', "import '../test/support/tcp-proxy.js';\n"),
    says: /no-tests-in-production/,
  },
  {
    gate: 'dependency-cruiser',
    what: 'a development package in production code',
    plant: append('src/app.module.ts', "import 'fast-check';\n"),
    says: /no-development-packages/,
  },
  {
    gate: 'knip',
    what: 'an export that nobody uses',
    plant: append('src/modules/city/city.rules.ts', '\nexport function nobodyCallsMe(): void {}\n'),
    says: /nobodyCallsMe/,
  },
  {
    gate: 'knip',
    what: 'a package that nobody uses',
    plant: (file) => {
      const path = file('package.json');
      const json = JSON.parse(readFileSync(path, 'utf8')) as { dependencies: Record<string, string> };
      json.dependencies['left-pad'] = '1.0.0';
      writeFileSync(path, JSON.stringify(json, null, 2));
    },
    says: /left-pad/,
  },
  {
    gate: 'settings',
    what: 'a setting that is not in .env.example',
    plant: (file) => {
      const path = file('src/config/settings.ts');
      writeFileSync(
        path,
        readFileSync(path, 'utf8').replace(
          'export const SETTINGS = {',
          "export const SETTINGS = {\n  NEW_ONE: str({ default: 'x', desc: 'New.' }),",
        ),
      );
    },
    says: /npm run env/,
  },
  {
    gate: 'lockfile-lint',
    what: 'a package whose checksum is a weak one',
    plant: (file) => {
      const path = file('package-lock.json');
      writeFileSync(
        path,
        readFileSync(path, 'utf8').replace(/"integrity": "sha512-[^"]+"/, '"integrity": "sha1-AAAA"'),
      );
    },
    says: /integrity/,
  },
  {
    gate: 'licences',
    what: 'a licence that nobody has accepted',
    plant: (file) => {
      const path = file('package-lock.json');
      const text = readFileSync(path, 'utf8');
      const at = text.indexOf('"node_modules/pino": {');
      writeFileSync(
        path,
        text.slice(0, at) + text.slice(at).replace('"license": "MIT"', '"license": "AGPL-3.0"'),
      );
    },
    says: /AGPL-3\.0.+pino/,
  },
  {
    gate: 'licences',
    what: 'a package that is not listed',
    plant: (file) => {
      const path = file('docs/licences.md');
      writeFileSync(path, readFileSync(path, 'utf8').replace(' pino,', ''));
    },
    says: /npm run licences/,
  },
  {
    gate: 'tsc',
    what: 'a type error',
    plant: append('src/app.module.ts', "\nexport const wrong: number = 'text';\n"),
    says: /TS2322/,
  },
  {
    gate: 'eslint',
    what: 'a promise that nobody waits for',
    plant: append('src/app.module.ts', '\nexport function forget(): void {\n  Promise.resolve();\n}\n'),
    says: /no-floating-promises/,
  },
  {
    gate: 'eslint',
    what: 'settings read outside config/env.ts',
    plant: append('src/app.module.ts', '\nexport const home = process.env.HOME;\n'),
    says: /no-restricted-properties/,
  },
  {
    gate: 'nest build',
    what: 'sources that do not compile',
    plant: append('src/app.module.ts', '\nexport const broken = ;\n'),
    says: /Expression expected|TS1109|Error/,
  },
  {
    gate: 'schema',
    what: 'a change of the schema that is not committed',
    plant: (file) => {
      const path = file('schema.graphql');
      writeFileSync(
        path,
        readFileSync(path, 'utf8').replace('verifyUser: UserResponse!', 'verifyUser: UserResponse'),
      );
    },
    says: /npm run schema/,
  },
];

describe('the gates of npm run check', () => {
  let folder: string;
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    encoding: 'utf8',
  })
    .trim()
    .split('\n');

  const file = (path: string) => join(folder, path);

  function reset(): void {
    for (const path of files) {
      mkdirSync(dirname(file(path)), { recursive: true });
      cpSync(path, file(path));
    }
    rmSync(file('src/modules/city/index.ts'), { force: true });
    rmSync(file('src/modules/city/b.rules.ts'), { force: true });
    // The schema gate reads what the compiler made.
    cpSync('dist', file('dist'), { recursive: true });
  }

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'roost-gates-'));
    reset();
    // The packages are those of this checkout. A real folder of links, as tools look for node_modules beside the sources.
    symlinkSync(resolve('node_modules'), file('node_modules'));
  });

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  function run(gate: string): { passed: boolean; output: string } {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--import', 'tsx', 'scripts/check.ts', gate],
      {
        cwd: folder,
        encoding: 'utf8',
        env: { ...process.env, NODE_ENV: 'development' },
      },
    );
    return { passed: status === 0, output: `${stdout}${stderr}` };
  }

  describe.each([...new Set(VIOLATIONS.map(({ gate }) => gate))])('%s', (gate) => {
    it('passes the sources as they are', () => {
      reset();
      const { passed, output } = run(gate);
      expect({ passed, output }).toEqual({ passed: true, output: expect.stringMatching(/^✓ .+\n$/) });
    }, 120_000);

    it.each(
      VIOLATIONS.filter((violation) => violation.gate === gate).map(
        (violation) => [violation.what, violation] as const,
      ),
    )(
      'stops %s',
      (_, { plant, says }) => {
        reset();
        plant(file);
        const { passed, output } = run(gate);
        expect(passed).toBe(false);
        expect(output).toMatch(says);
      },
      120_000,
    );
  });

  it('are all here', () => {
    const names = [...readFileSync('scripts/check.ts', 'utf8').matchAll(/name: '([^']+)'/g)].map(
      ([, name]) => name as string,
    );
    expect(names.length).toBeGreaterThanOrEqual(8);
    for (const name of names) expect(VIOLATIONS.some(({ gate }) => name.includes(gate))).toBe(true);
  });
});
