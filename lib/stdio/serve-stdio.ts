import { randomBytes } from 'node:crypto';
import type { Readable, Writable } from 'node:stream';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { InMemoryClientRequestAdapter } from '../adapters/in-memory/in-memory-client-request.adapter.js';
import { InMemorySessionAdapter } from '../adapters/in-memory/in-memory-session.adapter.js';
import { NotificationBus } from '../adapters/notification-bus.js';
import { TaskAdapter } from '../adapters/task.adapter.js';
import { FormSchemas } from '../asking/form-schemas.js';
import { reportUnexpected } from '../calls/failure.js';
import { McpLifecycle } from '../mcp.lifecycle.js';
import { findServer } from '../mcp.server-lookup.js';
import type { Principal } from '../registry/principal.js';
import { McpServer } from '../server/mcp.server.js';
import { StdioTransport, type Pipe } from '../transports/stdio/stdio.transport.js';
import { claimStdout } from './claim-stdout.js';

type AppModule = Parameters<typeof NestFactory.createApplicationContext>[0];
type ContextOptions = NonNullable<Parameters<typeof NestFactory.createApplicationContext>[1]>;

/**
 * Options of `serveStdio()`, in addition to those of `NestFactory.createApplicationContext()`.
 *
 * @publicApi
 */
export interface ServeStdioOptions extends ContextOptions {
  /** Name of the server, where the application has several. @default the one without a name, or the only one */
  readonly name?: string;
  /** Principal of the client, given to handlers as `ctx.principal`. @default unknown */
  readonly principal?: Principal;
  /** Where messages come from; destroyed when the server closes. @default standard input */
  readonly input?: Readable;
  /** Where messages go to; nothing else may be written there. @default standard output */
  readonly output?: Writable;
}

/**
 * Serves an MCP server of an application over standard input and output, to the one client that has started the process.
 * The application is built without HTTP. It is closed when the input ends or the client has gone, after running calls were
 * given `shutdownGraceMs`; `SIGTERM` and `SIGINT` close it likewise.
 *
 * Standard output carries messages alone: whatever else is printed there from the call on, by `console` or a logger, goes to
 * standard error.
 *
 * Sessions and questions are kept in memory, as they end with the pipe; tasks are kept where the module says; `auth` and `principal` of the module, which are
 * about HTTP requests, have no part in it. Guards run with the context type `mcp` and without a request.
 *
 * @returns the running application
 * @throws McpConfigurationError when the application has no such server.
 * @publicApi
 */
export async function serveStdio(
  module: AppModule,
  options: ServeStdioOptions = {},
): Promise<INestApplicationContext> {
  const { name, principal, input, output, ...contextOptions } = options;
  // Before anything is built, which may print.
  const pipe: Pipe = { input: input ?? process.stdin, output: output ?? claimStdout(process) };
  const app = await NestFactory.createApplicationContext(module, contextOptions);
  try {
    const { lifecycle, transport, logger } = createTransport(app, name, principal, pipe);
    lifecycle.attach(transport);
    if (!input) app.enableShutdownHooks();
    transport
      .serve()
      .then(() => app.close())
      .catch((error: unknown) => {
        process.exitCode = 1;
        reportUnexpected(error, 'Closing the application', logger);
      });
  } catch (error) {
    await app.close();
    throw error;
  }
  return app;
}

function createTransport(
  app: INestApplicationContext,
  name: string | undefined,
  principal: Principal | undefined,
  pipe: Pipe,
) {
  const { get, options } = findServer(app, 'serveStdio()', name);
  const secret = options.requestStateSecret ?? randomBytes(32).toString('base64url');
  const transport = new StdioTransport(
    get(McpServer),
    options,
    {
      server: options.name ?? '',
      bus: get(NotificationBus as typeof NotificationBus & (new () => NotificationBus)),
      tasks: get(TaskAdapter),
      forms: new FormSchemas(options.schemaToJson),
      secrets: typeof secret === 'string' ? [secret] : secret,
      sessionAdapter: new InMemorySessionAdapter(),
      clientRequestAdapter: new InMemoryClientRequestAdapter({ defaultTimeoutMs: options.questionTimeoutMs }),
      principal,
    },
    pipe,
  );
  return { lifecycle: get(McpLifecycle), transport, logger: options.logger };
}
