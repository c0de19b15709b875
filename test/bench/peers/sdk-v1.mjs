/**
 * `@modelcontextprotocol/sdk` v1 on Express, after the examples in its package: `createMcpExpressApp()`; stateless a server
 * and a transport for each request (simpleStatelessStreamableHttp), with `--sessions` a pair for each session
 * (simpleStreamableHttp; without its event store, which is documented as an example only). `--json` sets `enableJsonResponse`,
 * which is quicker and rules out notifications.
 */
import { randomUUID } from 'node:crypto';
import { createMcpExpressApp } from '@modelcontextprotocol/sdk/server/express.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { ElicitResultSchema, isInitializeRequest } from '@modelcontextprotocol/sdk/types.js';
import { announce, formSchema, options, port, tools } from './tools.mjs';

function createServer() {
  const server = new McpServer({ name: 'bench', version: '1.0.0' });
  for (const { name, description, input, run } of tools) {
    server.registerTool(name, { description, inputSchema: input.shape }, (args, extra) =>
      run(args, {
        progress: (update) =>
          extra.sendNotification({
            method: 'notifications/progress',
            params: { progressToken: extra._meta?.progressToken, ...update },
          }),
        ask: (message) =>
          extra.sendRequest(
            { method: 'elicitation/create', params: { mode: 'form', message, requestedSchema: formSchema } },
            ElicitResultSchema,
          ),
      }),
    );
  }
  return server;
}

const app = createMcpExpressApp();
const enableJsonResponse = options.json;
const sessions = new Map();

async function serveStateless(req, res) {
  const server = createServer();
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined, enableJsonResponse });
  res.on('close', () => {
    void transport.close();
    void server.close();
  });
  await server.connect(transport);
  await transport.handleRequest(req, res, req.body);
}

async function serveSession(req, res) {
  let transport = sessions.get(req.headers['mcp-session-id']);
  if (!transport && isInitializeRequest(req.body)) {
    transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: () => randomUUID(),
      enableJsonResponse,
      onsessioninitialized: (id) => sessions.set(id, transport),
    });
    transport.onclose = () => sessions.delete(transport.sessionId);
    await createServer().connect(transport);
  }
  if (!transport) return res.status(400).json({ error: 'no session' });
  await transport.handleRequest(req, res, req.body);
}

app.all('/mcp', options.sessions ? serveSession : serveStateless);
const listening = app.listen(port, '127.0.0.1', () => announce(listening.address().port));
