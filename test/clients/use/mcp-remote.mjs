import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { useOfficial } from './official.mjs';

const proxy = join(
  dirname(createRequire(import.meta.url).resolve('mcp-remote/package.json')),
  'dist/proxy.js',
);

/** A bridge from stdio, as desktop applications start it. */
export async function use(url) {
  const folder = await mkdtemp(join(tmpdir(), 'mcp-remote-'));
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [proxy, url, '--allow-http', '--transport', 'http-only'],
    env: { PATH: process.env.PATH, HOME: folder, MCP_REMOTE_CONFIG_DIR: folder },
    stderr: 'ignore',
  });
  const client = new Client({ name: 'behind-mcp-remote', version: '1.0.0' });
  let revision;
  // The bridge passes on what the server has answered.
  transport.setProtocolVersion = (version) => (revision = version);
  await client.connect(transport);
  const call = (request, options) => client.callTool(request, undefined, options);
  // Messages that the bridge passes on. The client behind it misses progress that it reads together with the result.
  const progress = [];
  const receive = transport.onmessage;
  transport.onmessage = (message, ...rest) => {
    if (message.method === 'notifications/progress') progress.push(message.params.progress);
    receive(message, ...rest);
  };
  const seen = await useOfficial(client, call, revision);
  await rm(folder, { recursive: true, force: true });
  return { ...seen, progress };
}
