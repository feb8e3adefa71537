// Who may import whom. Each rule is broken once in test/gates to show that it bites.
const MODULES = '^src/modules';

/** city, user → auth, profile, place → booking → review; notification hears events and is imported by nobody. */
const MAY_IMPORT = {
  city: [],
  user: [],
  auth: ['user'],
  profile: ['user'],
  place: ['city', 'user'],
  booking: ['place', 'user'],
  review: ['booking', 'place', 'user'],
  notification: ['auth', 'booking'],
};

const arrows = Object.entries(MAY_IMPORT).map(([name, allowed]) => ({
  name: `arrows-${name}`,
  comment: `${name} may import ${allowed.length === 0 ? 'no other module' : allowed.join(', ')}.`,
  severity: 'error',
  from: { path: `${MODULES}/${name}/` },
  to: { path: `${MODULES}/`, pathNot: `${MODULES}/(${[name, ...allowed].join('|')})/` },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...arrows,
    {
      name: 'no-circles',
      severity: 'error',
      from: {},
      to: { circular: true, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'front-door-only',
      comment: 'Another module is reached through its .service, .module or .types file.',
      severity: 'error',
      from: { path: `${MODULES}/([^/]+)/` },
      to: { path: `${MODULES}/`, pathNot: [`${MODULES}/$1/`, '\\.(service|module|types)\\.ts$'] },
    },
    {
      name: 'platform-knows-no-module',
      severity: 'error',
      from: { path: '^src/(platform|config)/' },
      to: { path: `${MODULES}/` },
    },
    {
      name: 'sql-in-repositories',
      comment: 'typeorm and pg only in repositories, entities and platform/database.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['\\.(repository|entity)\\.ts$', '^src/platform/database/'] },
      to: { path: 'node_modules/(typeorm|pg|@types/pg)/' },
    },
    {
      name: 'graphql-at-the-door',
      comment:
        'GraphQL only in resolvers, types, platform/graphql and platform/projection (and where errors become answers and guards stand).',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: ['\\.(resolver|types|guard|filter)\\.ts$', '^src/platform/(graphql|projection)/'],
      },
      to: { path: 'node_modules/(@nestjs/graphql|@nestjs/apollo|@apollo/server|graphql|graphql-scalars)/' },
    },
    {
      name: 'pure-rules',
      comment: 'Rules and transitions do no I/O: they import each other and the error type, nothing else.',
      severity: 'error',
      from: { path: `${MODULES}/.*\\.(rules|transitions|messages)\\.ts$` },
      to: {
        pathNot: [
          '\\.(rules|transitions)\\.ts$',
          '^src/platform/errors/app-error\\.ts$',
          '^src/platform/events/events\\.ts$',
        ],
      },
    },
    {
      name: 'transitions-import-nothing',
      severity: 'error',
      from: { path: '\\.transitions\\.ts$' },
      to: { path: '.+' },
    },
    {
      name: 'no-barrels',
      severity: 'error',
      from: {},
      to: { path: '/index\\.ts$', pathNot: 'node_modules' },
    },
    {
      name: 'no-tests-in-production',
      severity: 'error',
      from: { path: '^(src|migrations)/', pathNot: '\\.spec\\.ts$' },
      to: { path: '(^(test|scripts|bench)/|\\.spec\\.ts$)' },
    },
    {
      name: 'no-development-packages',
      comment: 'What runs in production is listed under dependencies.',
      severity: 'error',
      from: { path: '^(src|migrations)/', pathNot: '\\.spec\\.ts$' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
