import { expect, it } from '@jest/globals';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { root } from './import-graph.js';
import { describePublicApi, listExports } from './public-api.js';

/**
 * Exports of every entry point, so that adding or losing a name is a decision. After one:
 * `UPDATE_PUBLIC_API=1 npm run jest -- public-api`, and read the difference.
 */
const record = join(root, 'test/architecture/public-api.txt');

it('exports what public-api.txt records', () => {
  const actual = describePublicApi({
    'nestjs-mcp-adapters': 'lib/index.ts',
    'nestjs-mcp-adapters/testing': 'lib/testing/index.ts',
    'nestjs-mcp-adapters/redis': 'lib/adapters/redis/index.ts',
    'nestjs-mcp-adapters/postgres': 'lib/adapters/postgres/index.ts',
    'nestjs-mcp-adapters/nats': 'lib/adapters/nats/index.ts',
    'nestjs-mcp-adapters/cloudflare': 'lib/adapters/cloudflare/index.ts',
    'nestjs-mcp-adapters/jwt': 'lib/auth/jwt/index.ts',
    'nestjs-mcp-adapters/otel': 'lib/otel/index.ts',
    'nestjs-mcp-adapters/adapters': 'lib/adapters/index.ts',
    'nestjs-mcp-adapters/stdio': 'lib/stdio/index.ts',
    'nestjs-mcp-adapters/fetch': 'lib/fetch/index.ts',
  });
  if (process.env.UPDATE_PUBLIC_API === '1') writeFileSync(record, actual);
  const recorded = existsSync(record) ? readFileSync(record, 'utf8') : '';
  expect(actual.split('\n')).toEqual(recorded.split('\n'));
}, 60_000);

it('tells values from types', () => {
  const program = programOf({
    '/index.ts': `
      export { Server, start, Mode } from './server.js';
      export { Options } from './server.js';
      export type { Server as ServerType } from './server.js';
      export const version = '1';`,
    '/server.ts': `
      export class Server {}
      export function start() {}
      export enum Mode { A }
      export interface Options { readonly mode: Mode }
      export const notExported = 1;`,
  });
  expect(listExports(program, '/index.ts')).toEqual([
    'type Options',
    'type ServerType',
    'value Mode',
    'value Server',
    'value start',
    'value version',
  ]);
});

it('refuses an export that leads nowhere', () => {
  const program = programOf({ '/index.ts': `export { Server } from './server.js';` });
  expect(() => listExports(program, '/index.ts')).toThrow('Server is exported but cannot be resolved');
});

it('lists nothing for a file without exports', () => {
  expect(listExports(programOf({ '/index.ts': 'const x = 1;' }), '/index.ts')).toEqual([]);
});

function programOf(sources: Record<string, string>): ts.Program {
  const options: ts.CompilerOptions = { noLib: true, types: [], module: ts.ModuleKind.ESNext };
  const host: ts.CompilerHost = {
    ...ts.createCompilerHost(options),
    getCurrentDirectory: () => '/',
    directoryExists: () => true,
    fileExists: (file) => file in sources,
    readFile: (file) => sources[file],
    getSourceFile: (file, version) => {
      const text = sources[file];
      return text === undefined ? undefined : ts.createSourceFile(file, text, version);
    },
  };
  return ts.createProgram(Object.keys(sources), options, host);
}
