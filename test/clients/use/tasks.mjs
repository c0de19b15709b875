import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { createTaskSessionFromClient, resultFromTaskOutcome } from '@modelcontextprotocol/ext-tasks/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';

const VERSION = '2026-07-28';
const ANSWER = { action: 'accept', content: { name: 'Ada' } };
const clientInfo = { name: 'tasks', version: '1.0.0' };
const clientCapabilities = { elicitation: {} };

/** Results that each client gets of tools whose calls may be tasks. */
export async function use(url) {
  return { ext: await withExtension(url), v2: await withV2(url), v1: await withV1(url) };
}

async function connected(url, capabilities) {
  const client = new Client(clientInfo, { capabilities, versionNegotiation: { mode: 'auto' } });
  await client.connect(new StreamableHTTPClientTransport(new URL(url)));
  return client;
}

/** The extension sends what the client of the SDK does not know; how is left to the application. */
function dispatchTo(url) {
  let id = 0;
  return async (request, { signal } = {}) => {
    const { method, params } = request;
    const name = params?.name ?? params?.taskId;
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        accept: 'application/json, text/event-stream',
        'content-type': 'application/json',
        'mcp-protocol-version': VERSION,
        'mcp-method': method,
        ...(name !== undefined && { 'mcp-name': name }),
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: ++id, ...request }),
      ...(signal && { signal }),
    });
    return response.json();
  };
}

async function withExtension(url) {
  const client = await connected(url, clientCapabilities);
  const asked = [];
  const states = [];
  const session = createTaskSessionFromClient(client, {
    endpointId: 'tasks',
    rawDispatch: dispatchTo(url),
    v2RequestFraming: { protocolVersion: VERSION, clientInfo, clientCapabilities },
    onInputRequest: async ({ params }) => {
      asked.push(params.message);
      return ANSWER;
    },
  });
  try {
    const textOf = async (name) => {
      const execution = await session.callTool(name, {});
      const { outcome, lastTask } = await execution.settle();
      states.push(lastTask?.status ?? 'no task');
      return resultFromTaskOutcome(outcome).content[0].text;
    };
    const texts = [await textOf('report'), await textOf('quick')];
    const endless = await session.callTool('endless', {});
    await endless.cancel();
    const { outcome } = await endless.settle();
    const failed = await (await session.callTool('broken', {})).settle();
    return { texts, asked, states, cancelled: outcome, failed: failed.outcome };
  } finally {
    await session.close();
    await client.close();
  }
}

async function withV2(url) {
  const client = await connected(url, clientCapabilities);
  const quick = await client.callTool({ name: 'quick', arguments: {} });
  const refused = await client.callTool({ name: 'report', arguments: {} }).catch(({ code }) => code);
  await client.close();
  const declaring = await connected(url, {
    ...clientCapabilities,
    extensions: { 'io.modelcontextprotocol/tasks': {} },
  });
  const { extensions } = declaring.getServerCapabilities();
  const report = await declaring.callTool({ name: 'report', arguments: {} }).then(
    ({ resultType }) => resultType,
    (error) => error.constructor.name,
  );
  await declaring.close();
  return { quick: quick.content[0].text, refused, extensions, report };
}

async function withV1(url) {
  const client = new ClientV1(clientInfo, { capabilities: clientCapabilities });
  client.setRequestHandler(ElicitRequestSchema, () => ANSWER);
  await client.connect(new TransportV1(new URL(url)));
  const texts = [];
  for (const name of ['report', 'quick']) {
    const { content } = await client.callTool({ name, arguments: {} });
    texts.push(content[0].text);
  }
  await client.close();
  return { texts };
}
