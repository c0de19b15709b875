/**
 * mcp-lite on Hono, as its README sets it up: zod with `z.toJSONSchema`, `app.all('/mcp')`, served on Node by
 * `@hono/node-server`. With `--sessions` both in-memory adapters, as the README has it for production on one server.
 * `allowedHosts` is left out, which saves it a check that our server makes.
 */
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import {
  InMemoryClientRequestAdapter,
  InMemorySessionAdapter,
  McpServer,
  StreamableHttpTransport,
} from 'mcp-lite';
import * as z from 'zod';
import { announce, formSchema, options, port, tools } from './tools.mjs';

const server = new McpServer({
  name: 'bench',
  version: '1.0.0',
  schemaAdapter: (schema) => z.toJSONSchema(schema),
});
for (const { name, description, input, run } of tools) {
  server.tool(name, {
    description,
    inputSchema: input,
    handler: (args, ctx) =>
      run(args, {
        progress: (update) => ctx.progress?.(update),
        ask: (message) => ctx.elicit({ message, schema: formSchema }),
      }),
  });
}

const transport = new StreamableHttpTransport(
  options.sessions
    ? {
        sessionAdapter: new InMemorySessionAdapter({ maxEventBufferSize: 1024 }),
        clientRequestAdapter: new InMemoryClientRequestAdapter({ defaultTimeoutMs: 30_000 }),
      }
    : {},
);
const handle = transport.bind(server);
const app = new Hono();
app.all('/mcp', (c) => handle(c.req.raw));
serve({ fetch: app.fetch, port, hostname: '127.0.0.1' }, (address) => announce(address.port));
