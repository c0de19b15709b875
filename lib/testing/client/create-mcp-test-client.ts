import type { Server } from 'node:http';
import type { INestApplication } from '@nestjs/common';
import { isModern } from '../../protocol/protocol-version.js';
import { TASKS_CAPABILITY } from '../../protocol/types/tasks.js';
import { Caller } from './caller.js';
import { ClientAnswers } from './client-answers.js';
import { endpointPath } from './endpoint-path.js';
import { Endpoint } from './endpoint.js';
import { Inbox } from './inbox.js';
import { InProcessHttp } from './in-process-http.js';
import { LegacyWire } from './legacy.wire.js';
import { McpTestClient } from './mcp-test-client.js';
import type { McpTestClientOptions } from './mcp-test-client-options.interface.js';
import { ModernWire } from './modern.wire.js';

/**
 * Connects an MCP client to an application, in process and without a port. What it sends passes through all that a request
 * of the network passes through: the HTTP parser, middleware, CORS, global prefix, guards and pipes. The application is
 * initialised if it is not yet, and need not listen.
 *
 * ```ts
 * const client = await createMcpTestClient(app, { onElicit: () => ({ action: 'accept', content: { confirmed: true } }) });
 * const result = await client.callTool('book_trip', { destination: 'Lisbon' });
 * await client.close();
 * ```
 *
 * Works with any test runner, on Express and Fastify.
 *
 * @throws McpRequestError when the server refuses the client
 * @publicApi
 */
export async function createMcpTestClient(
  app: INestApplication,
  options: McpTestClientOptions = {},
): Promise<McpTestClient> {
  await initialise(app);
  const { protocolVersion: version = '2026-07-28', headers = {}, principal, listen = true } = options;
  const server = app.getHttpServer() as Server;
  const caller = new Caller(server, principal);
  const http = new InProcessHttp(server, (socket) => caller.owns(socket));
  const inbox = new Inbox();
  const answers = new ClientAnswers(options, () => inbox.changed());
  const endpoint = new Endpoint(http, options.path ?? endpointPath(app, options.server), headers);
  const capabilities = {
    ...answers.capabilities(version),
    ...(options.tasks && isModern(version) && TASKS_CAPABILITY),
  };
  const parts = { endpoint, version, capabilities, answers, inbox };
  const wire = isModern(version) ? new ModernWire(parts) : new LegacyWire(parts);
  const close = async () => {
    await wire.close();
    await http.close();
    caller.release();
  };
  try {
    const description = await wire.connect();
    if (description.capabilities.logging) await wire.setLogLevel('debug');
    if (listen) await wire.listen();
    return new McpTestClient({ wire, inbox, answers, version, server: description, close });
  } catch (error) {
    await close();
    throw error;
  }
}

async function initialise(app: INestApplication): Promise<void> {
  await app.init();
  const adapter = app.getHttpAdapter();
  // Fastify registers routes when it is told to be ready, which otherwise `listen` does.
  if (adapter.getType() === 'fastify') await (adapter.getInstance() as { ready(): Promise<unknown> }).ready();
}
