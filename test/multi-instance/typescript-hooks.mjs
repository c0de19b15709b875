/** Loads TypeScript: `./x.js` is `./x.ts`, the package's own names are its sources. */
import { transform } from '@swc/core';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const lib = new URL('../../lib/', import.meta.url);

const OWN = {
  '#schema-engine': new URL('schema/ajv-engine.ts', lib).href,
  'nestjs-mcp-adapters': new URL('index.ts', lib).href,
  'nestjs-mcp-adapters/redis': new URL('adapters/redis/index.ts', lib).href,
  'nestjs-mcp-adapters/postgres': new URL('adapters/postgres/index.ts', lib).href,
  'nestjs-mcp-adapters/nats': new URL('adapters/nats/index.ts', lib).href,
  'nestjs-mcp-adapters/jwt': new URL('auth/jwt/index.ts', lib).href,
  'nestjs-mcp-adapters/otel': new URL('otel/index.ts', lib).href,
  'nestjs-mcp-adapters/adapters': new URL('adapters/index.ts', lib).href,
  'nestjs-mcp-adapters/stdio': new URL('stdio/index.ts', lib).href,
  'nestjs-mcp-adapters/fetch': new URL('fetch/index.ts', lib).href,
  'nestjs-mcp-adapters/testing': new URL('testing/index.ts', lib).href,
};

const jsc = {
  parser: { syntax: 'typescript', decorators: true },
  target: 'es2022',
  keepClassNames: true,
  transform: { legacyDecorator: true, decoratorMetadata: true },
};

export async function resolve(specifier, context, next) {
  if (OWN[specifier] !== undefined) return { url: OWN[specifier], shortCircuit: true };
  if (/^\.{1,2}\/.*\.js$/.test(specifier) && context.parentURL?.endsWith('.ts')) {
    const { href } = new URL(specifier.replace(/\.js$/, '.ts'), context.parentURL);
    if (existsSync(fileURLToPath(href))) return { url: href, shortCircuit: true };
  }
  return next(specifier, context);
}

export async function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context);
  const filename = fileURLToPath(url);
  const { code } = await transform(await readFile(filename, 'utf8'), {
    filename,
    jsc,
    module: { type: 'es6' },
    sourceMaps: 'inline',
  });
  return { format: 'module', source: code, shortCircuit: true };
}
