import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { useOfficial } from './official.mjs';

export async function use(url) {
  const client = new Client({ name: 'official-v1', version: '1.0.0' });
  const transport = new StreamableHTTPClientTransport(new URL(url));
  await client.connect(transport);
  const call = (request, options) => client.callTool(request, undefined, options);
  return useOfficial(client, call, transport.protocolVersion);
}
