const { readdirSync, readFileSync } = require('node:fs');
const { availableParallelism } = require('node:os');
const { join } = require('node:path');
const { heavy, isAll, isOnFetch, isRepeated } = require('./scope.cjs');

// A path that is asked for by name is run in any case.
const isAskedFor = (folder) =>
  process.argv.some((argument) => folder.includes(argument) && argument.startsWith('test/'));

const root = join(require.resolve('../package.json'), '..');

/** End-to-end tests that name no platform: they run on Express, and on Fastify again. */
const onEitherPlatform = readdirSync(join(root, 'test/e2e'), { recursive: true })
  .map((file) => `test/e2e/${file.replaceAll('\\', '/')}`)
  .filter((file) => file.endsWith('.spec.ts') && (isRepeated(file) || isAskedFor(file)))
  .filter((file) => !/fastify|express|platform/i.test(readFileSync(join(root, file), 'utf8')));

/** End-to-end tests of what a fetch handler has its part in, run on one in the place of both platforms. */
const onFetch = readdirSync(join(root, 'test/e2e'), { recursive: true })
  .map((file) => `test/e2e/${file.replaceAll('\\', '/')}`)
  .filter((file) => file.endsWith('.spec.ts') && isOnFetch(file));

/** Stores on which several instances are tested again; one that is named is tested in any case. */
const otherStores = ['postgres', 'nats'].filter((store) => isAll || process.env.TEST_STORE === store);

/** @type {import('jest').Config['projects'][number]} */
const project = {
  rootDir: root,
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.spec.ts', '**/*.e2e-spec.ts'],
  testPathIgnorePatterns: [
    '/node_modules/',
    '<rootDir>/test/package/consumers/',
    '<rootDir>/test/bench/',
    ...(isAll ? [] : heavy.filter((folder) => !isAskedFor(folder))),
  ],
  modulePathIgnorePatterns: ['<rootDir>/test/package/consumers/', '<rootDir>/dist/'],
  extensionsToTreatAsEsm: ['.ts'],
  resolver: '<rootDir>/test/support/jest-resolver.cjs',
  moduleNameMapper: {
    '^#schema-engine$': '<rootDir>/lib/schema/ajv-engine.ts',
    '^nestjs-mcp-adapters$': '<rootDir>/lib/index.ts',
    '^nestjs-mcp-adapters/testing$': '<rootDir>/lib/testing/index.ts',
    '^nestjs-mcp-adapters/redis$': '<rootDir>/lib/adapters/redis/index.ts',
    '^nestjs-mcp-adapters/postgres$': '<rootDir>/lib/adapters/postgres/index.ts',
    '^nestjs-mcp-adapters/cloudflare$': '<rootDir>/lib/adapters/cloudflare/index.ts',
    '^nestjs-mcp-adapters/nats$': '<rootDir>/lib/adapters/nats/index.ts',
    '^nestjs-mcp-adapters/jwt$': '<rootDir>/lib/auth/jwt/index.ts',
    '^nestjs-mcp-adapters/otel$': '<rootDir>/lib/otel/index.ts',
    '^nestjs-mcp-adapters/adapters$': '<rootDir>/lib/adapters/index.ts',
    '^nestjs-mcp-adapters/stdio$': '<rootDir>/lib/stdio/index.ts',
    '^nestjs-mcp-adapters/fetch$': '<rootDir>/lib/fetch/index.ts',
  },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          parser: { syntax: 'typescript', decorators: true },
          target: 'es2022',
          keepClassNames: true,
          transform: { legacyDecorator: true, decoratorMetadata: true },
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
};

/** @type {import('jest').Config} */
module.exports = {
  rootDir: root,
  projects: [
    { ...project, displayName: 'all' },
    {
      ...project,
      displayName: 'Fastify',
      globals: { DEFAULT_PLATFORM: 'fastify' },
      testMatch: onEitherPlatform.map((file) => `<rootDir>/${file}`),
    },
    {
      ...project,
      displayName: 'fetch',
      globals: { DEFAULT_PLATFORM: 'fetch' },
      testMatch: onFetch.map((file) => `<rootDir>/${file}`),
    },
    {
      ...project,
      displayName: 'interpreter',
      globals: { SCHEMA_ENGINE: 'interpreter' },
      // Nothing can be ended there, and hostile patterns are refused.
      testMatch: ['<rootDir>/test/unit/schema/!(time-limit|linear-schema|published-law).spec.ts'],
      moduleNameMapper: {
        ...project.moduleNameMapper,
        '^#schema-engine$': '<rootDir>/lib/schema/interpreter-engine.ts',
      },
    },
    ...otherStores.map((store) => ({
      ...project,
      displayName: store,
      globals: { DEFAULT_STORE: store },
      testMatch: ['<rootDir>/test/multi-instance/*.spec.ts'],
    })),
  ],
  testSequencer: '<rootDir>/.config/jest-sequencer.cjs',
  reporters: ['default', '<rootDir>/.config/jest-summary.cjs'],
  // Most tests wait more than they work. ES modules of a finished file are never collected inside a worker: renew them.
  maxWorkers: Math.max(4, availableParallelism() - 1),
  workerIdleMemoryLimit: '768MB',
  collectCoverageFrom: ['lib/**/*.ts'],
  coverageProvider: 'v8',
  testTimeout: 60_000,
};
