import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { useOfficial } from './official.mjs';

/** It speaks 2026-07-28 when it is told to look for it. */
export async function use(url) {
  const client = new Client(
    { name: 'official-v2', version: '1.0.0' },
    { versionNegotiation: { mode: 'auto' } },
  );
  await client.connect(new StreamableHTTPClientTransport(new URL(url)));
  const call = (request, options) => client.callTool(request, options);
  return useOfficial(client, call, client.getNegotiatedProtocolVersion());
}
