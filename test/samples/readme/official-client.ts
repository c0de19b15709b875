import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

const client = new Client({ name: 'my-program', version: '1.0.0' });
await client.connect(new StreamableHTTPClientTransport(new URL('http://localhost:3000/mcp')));
const { content } = await client.callTool({ name: 'time_in', arguments: { zone: 'Europe/Lisbon' } });

await client.close();
export { content };
