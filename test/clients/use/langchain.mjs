import { MultiServerMCPClient } from '@langchain/mcp-adapters';

export async function use(url) {
  const progress = [];
  let revision;
  const client = new MultiServerMCPClient({
    mcpServers: { server: { transport: 'http', url } },
    onProgress: ({ progress: done }) => void progress.push(done),
  });
  const tools = await client.getTools();
  revision = (await client.getClient('server'))?.transport?.protocolVersion;
  const count = tools.find(({ name }) => name === 'count');
  const text = await count.invoke({ to: 3 });
  await client.close();
  return { revision, tools: tools.map(({ name }) => name), text, progress };
}
