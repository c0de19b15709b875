import { describe, expect, it } from '@jest/globals';
import { areaOf, layers } from '../../.config/layers.mjs';
import {
  findCycles,
  findDeadImports,
  findForbiddenImports,
  findLongFiles,
  graphOf,
  reachableFrom,
  readLibrary,
} from './import-graph.js';

const MAX_LINES = 300;

describe('the import graph of lib/', () => {
  const graph = readLibrary();

  it('places every file in a layer', () => {
    expect([...graph.keys()].filter((file) => areaOf(file) === undefined)).toEqual([]);
  });

  it('points down only and uses the packages each layer may use', () => {
    expect(findForbiddenImports(graph)).toEqual([]);
  });

  it('resolves every relative import', () => {
    expect(findDeadImports(graph)).toEqual([]);
  });

  it('has no cycle', () => {
    expect(findCycles(graph)).toEqual([]);
  });

  it(`keeps files at ${MAX_LINES} lines or less`, () => {
    expect(findLongFiles(graph, MAX_LINES)).toEqual([]);
  });

  it('keeps the other entry points out of what the root entry loads', () => {
    const loaded = [...reachableFrom(graph, 'index.ts')];
    expect(loaded.filter((file) => /^(adapters\/(redis|nats)|testing)\//.test(file))).toEqual([]);
  });
});

describe('the layer table', () => {
  it('names only areas that it defines', () => {
    const named = Object.values(layers).flatMap(({ areas }) => areas);
    expect(named.filter((area) => layers[area] === undefined)).toEqual([]);
  });

  it('has no two areas that may import each other', () => {
    const pairs = Object.entries(layers).flatMap(([from, { areas }]) =>
      areas.map((to) => [from, to] as const),
    );
    expect(pairs.filter(([from, to]) => layers[to]?.areas.includes(from))).toEqual([]);
  });
});

describe('the checker', () => {
  const check = (sources: Record<string, string>): string[] =>
    findForbiddenImports(graphOf(new Map(Object.entries(sources))));

  it('accepts imports that point down', () => {
    expect(
      check({
        'server/a.ts': `import { b } from '../protocol/b.js'; import { Logger } from '@nestjs/common';`,
        'mcp.module.ts': `import { a } from './server/a.js';`,
        'index.ts': `export { McpModule } from './mcp.module.js';`,
      }),
    ).toEqual([]);
  });

  it.each([
    ['a value', `import { McpServer } from '../server/mcp.server.js';`],
    ['a type', `import type { McpServer } from '../server/mcp.server.js';`],
    ['a re-export', `export { McpServer } from '../server/mcp.server.js';`],
    ['a side effect', `import '../server/mcp.server.js';`],
    ['a dynamic import', `const server = await import('../server/mcp.server.js');`],
    ['an import type', `type Server = import('../server/mcp.server.js').McpServer;`],
    ['a require', `const server = require('../server/mcp.server.js');`],
  ])('finds an import that points up: %s', (_kind, text) => {
    expect(check({ 'protocol/a.ts': text })).toEqual([
      "protocol/a.ts imports server/mcp.server.ts: 'protocol' may import nothing, not 'server'",
    ]);
  });

  it('finds an import of a separate entry point by the root', () => {
    expect(check({ 'mcp.module.ts': `import { x } from './adapters/redis/index.js';` })).toEqual([
      expect.stringMatching(/^mcp\.module\.ts imports adapters\/redis\/index\.ts: .* not 'adapters\/redis'$/),
    ]);
  });

  it('finds an import from a folder that has no layer', () => {
    expect(check({ 'helpers/a.ts': `import { b } from '../protocol/b.js';` })).toEqual([
      expect.stringContaining("add 'helpers' to .config/layers.mjs"),
    ]);
  });

  it('finds an import from outside lib/', () => {
    expect(check({ 'mcp.module.ts': `import { x } from '../test/support/x.js';` })).toEqual([
      'mcp.module.ts imports ../test/support/x.ts, which is outside lib/',
    ]);
  });

  it.each([
    ['its own', 'server/a.ts', './index.js'],
    ['a parent', 'server/methods/a.ts', '../index.js'],
    ['the root', 'server/a.ts', '../index.js'],
  ])('finds an import of %s index', (_whose, file, specifier) => {
    expect(check({ [file]: `import { x } from '${specifier}';` })).toEqual([
      expect.stringContaining('the index of its own or a parent folder'),
    ]);
  });

  it('lets another folder use the index', () => {
    expect(check({ 'server/a.ts': `import { x } from '../protocol/index.js';` })).toEqual([]);
  });

  it.each([
    ['protocol/a.ts', 'node:crypto'],
    ['server/a.ts', '@nestjs/core'],
    ['transports/a.ts', '@nestjs/core/injector/instance-wrapper.js'],
    ['adapters/in-memory/a.ts', 'ioredis'],
    ['mcp.module.ts', 'rxjs/operators'],
  ])('finds a package that %s may not use: %s', (file, specifier) => {
    expect(check({ [file]: `import { x } from '${specifier}';` })).toEqual([
      expect.stringContaining(`may not import the package ${specifier}`),
    ]);
  });

  it('lets an optional package in as a type or on demand only', () => {
    const file = 'schema/class-validator.ts';
    expect(check({ [file]: `import type { V } from 'class-validator';` })).toEqual([]);
    expect(check({ [file]: `import { type V, type W } from 'class-validator';` })).toEqual([]);
    expect(check({ [file]: `const v = await import('class-validator');` })).toEqual([]);
    expect(check({ [file]: `import { type V, validate } from 'class-validator';` })).toEqual([
      expect.stringContaining('only as a type or on demand'),
    ]);
  });

  it('finds a cycle and prints its way', () => {
    const graph = graphOf(
      new Map([
        ['server/a.ts', `import { b } from './b.js';`],
        ['server/b.ts', `import type { c } from './methods/c.js';`],
        ['server/methods/c.ts', `import { a } from '../a.js';`],
        ['server/d.ts', `import { a } from './a.js';`],
      ]),
    );
    expect(findCycles(graph)).toEqual(['server/a.ts -> server/b.ts -> server/methods/c.ts -> server/a.ts']);
  });

  it('does not take two ways to one file for a cycle', () => {
    const graph = graphOf(
      new Map([
        ['server/a.ts', `import './b.js'; import './c.js';`],
        ['server/b.ts', `import './d.js';`],
        ['server/c.ts', `import './d.js';`],
        ['server/d.ts', ''],
      ]),
    );
    expect(findCycles(graph)).toEqual([]);
  });

  it('finds an import without its ending', () => {
    const graph = graphOf(
      new Map([
        ['server/a.ts', `import { b } from './b'; import { c } from './b.js';`],
        ['server/b.ts', ''],
      ]),
    );
    expect(findDeadImports(graph)).toEqual([expect.stringContaining('server/a.ts imports ./b:')]);
  });

  it('finds a long file', () => {
    const graph = graphOf(
      new Map([
        ['server/long.ts', '\n'.repeat(MAX_LINES + 1)],
        ['server/short.ts', '\n'.repeat(MAX_LINES)],
      ]),
    );
    expect(findLongFiles(graph, MAX_LINES)).toEqual([
      'server/long.ts has 301 lines, the limit is 300: split it by what it does',
    ]);
  });
});
