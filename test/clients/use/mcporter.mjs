import { createRuntime } from 'mcporter';

/** Reports no progress to its user. What it sends is the one way to learn what it speaks. */
export async function use(url) {
  let revision;
  const { fetch } = globalThis;
  globalThis.fetch = (address, init) => {
    revision = new globalThis.Headers(init?.headers).get('mcp-protocol-version') ?? revision;
    return fetch(address, init);
  };
  const runtime = await createRuntime({
    servers: [{ name: 'server', command: { kind: 'http', url: new URL(url), headers: {} } }],
  });
  const tools = await runtime.listTools('server');
  const { content } = await runtime.callTool('server', 'count', { args: { to: 3 } });
  await runtime.close();
  globalThis.fetch = fetch;
  return { revision, tools: tools.map(({ name }) => name), text: content[0].text };
}
