import { experimental_createMCPClient as createMCPClient } from '@ai-sdk/mcp';

/** Reports no progress to its user; what is tried is that progress in the answer does it no harm. */
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
