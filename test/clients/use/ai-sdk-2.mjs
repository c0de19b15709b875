import { createMCPClient } from 'ai-sdk-mcp-2';

/** Asks with `server/discover` first, and falls back to `initialize` where a server knows no revision that has it. */
export async function use(url) {
  let revision;
  const client = await createMCPClient({
    transport: {
      type: 'http',
      url,
      // Its requests are the one way to learn its revision.
      fetch: (address, init) => {
        revision = new globalThis.Headers(init?.headers).get('mcp-protocol-version') ?? revision;
        return globalThis.fetch(address, init);
      },
    },
  });
  const tools = await client.tools();
  const { content } = await tools.count.execute({ to: 3 }, { messages: [], toolCallId: 'call' });
  await client.close();
  return { revision, tools: Object.keys(tools), text: content[0].text };
}
