/**
 * Preloaded into the suite, which imports `globSync` from "fs" where Node 20 has none. Only a command of it that is not
 * used here calls the function.
 */
import fs from 'node:fs';
import { register } from 'node:module';
import { isMainThread } from 'node:worker_threads';

const source = `
  export * from 'node:fs';
  export function globSync() { throw new Error('fs.globSync needs Node.js 22'); }
`;

export function resolve(specifier, context, next) {
  const isMissing =
    specifier === 'fs' && context.parentURL?.includes('/node_modules/@modelcontextprotocol/conformance/');
  if (!isMissing) return next(specifier, context);
  return { url: `data:text/javascript,${encodeURIComponent(source)}`, shortCircuit: true };
}

// Node loads this file a second time, in a thread of its own, for the hook above.
if (isMainThread && !('globSync' in fs)) register(import.meta.url);
