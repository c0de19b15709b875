/** Runs the worker in workerd, the runtime of Cloudflare, on this machine. */
import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { Miniflare } from 'miniflare';
import { bundleWorker } from './bundle.js';

const { contents, imports } = await bundleWorker();
const miniflare = new Miniflare({
  modules: [{ type: 'ESModule', path: 'worker.js', contents }],
  compatibilityDate: '2026-04-01',
  compatibilityFlags: ['nodejs_compat'],
  durableObjects: {
    APPLICATION: { className: 'Application', useSQLite: true },
    MCP_STORE: { className: 'McpStoreObject', useSQLite: true },
  },
  kvNamespaces: ['MCP_KV'],
  bindings: {
    STATE: process.env['STATE'] === 'kv' ? 'kv' : 'objects',
    REQUEST_STATE_SECRET: randomBytes(32).toString('base64url'),
  },
  cf: false,
  host: '127.0.0.1',
  port: Number(process.env['PORT'] ?? 3000),
});
const { origin } = await miniflare.ready;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  // Miniflare exits at once by listeners of its own.
  process.removeAllListeners(signal);
  process.once(signal, () => void miniflare.dispose().then(() => process.exit(0)));
}
console.log(
  `${(gzipSync(contents).length / 1000).toFixed(1)} kB of worker, compressed; imports ${imports.join(', ')}`,
);
console.log(`MCP server at ${origin}/mcp (Ctrl+C stops it)`);
