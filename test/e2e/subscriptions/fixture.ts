import { Injectable } from '@nestjs/common';
import {
  InMemorySessionAdapter,
  InProcessNotificationBus,
  McpModule,
  McpPrompt,
  McpRegistry,
  McpResource,
  McpTool,
  StreamableHttpTransport,
  type InProcessChannel,
  type McpContext,
  type McpModuleOptions,
} from 'nestjs-mcp-adapters';
import { startApp, type AppOptions, type Platform, type TestApp } from '../../support/app.js';
import { modern } from '../../support/http.js';
import { RawExchange } from '../../support/raw-http.js';

const TAG = 'io.modelcontextprotocol/subscriptionId';

@Injectable()
class Primitives {
  @McpTool() tool() {}

  @McpPrompt() prompt() {
    return '';
  }

  @McpResource({ uri: 'test://open' }) open() {
    return '';
  }

  @McpResource({ uri: 'test://secret', visible: (ctx: McpContext) => ctx.principal?.subject === 'ada' })
  secret() {
    return '';
  }

  @McpResource({ uriTemplate: 'test://note/{id}' }) note() {
    return '';
  }
}

export interface ServerOptions extends McpModuleOptions {
  readonly platform?: Platform;
  /** Shared state of the instances. */
  readonly channel?: InProcessChannel;
}

export interface Server extends TestApp {
  readonly registry: McpRegistry;
  readonly transport: StreamableHttpTransport;
}

/** Starts a server with one primitive of each kind, sessions, and a caller for each `x-user`. */
export async function startServer(
  { platform, channel, ...mcp }: ServerOptions = {},
  options: Pick<AppOptions, 'nest' | 'fastify'> = {},
): Promise<Server> {
  const app = await startApp({
    ...options,
    ...(platform && { platform }),
    imports: [
      McpModule.forRoot({
        sessionAdapter: new InMemorySessionAdapter(),
        principal: (request: any) => {
          const subject = request.headers['x-user'];
          return subject && { subject };
        },
        ...(channel && { notificationBus: new InProcessNotificationBus(channel) }),
        ...mcp,
      }),
    ],
    providers: [Primitives],
  });
  const registry = app.app.get(McpRegistry, { strict: false });
  const transport = app.app.get(StreamableHttpTransport, { strict: false });
  return { ...app, registry, transport };
}

export interface ListenOptions {
  readonly id?: string | number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Opens a subscription and does not wait for anything. */
export function beginListening(
  { url }: { url: string },
  notifications: unknown,
  { id = 'sub', headers }: ListenOptions = {},
): RawExchange {
  const [body, standard] = modern('subscriptions/listen', { notifications }, { id });
  return new RawExchange(url, { method: 'POST', body, headers: { ...standard, ...headers } });
}

/** Opens a subscription that is acknowledged. */
export async function listen(...request: Parameters<typeof beginListening>): Promise<RawExchange> {
  const exchange = beginListening(...request);
  await exchange.message(({ method }) => method === 'notifications/subscriptions/acknowledged');
  return exchange;
}

/** Messages after the acknowledgement, in short; fails if a message is not tagged with the id. */
export function heardBy({ messages }: RawExchange, id: string | number = 'sub'): string[] {
  return messages.slice(1).map(({ method, params, result }) => {
    const tag = (params ?? result)._meta[TAG];
    if (tag !== id) throw new Error(`Tagged ${tag} instead of ${id}`);
    if (result) return `result ${result.resultType}`;
    return params.uri === undefined ? method : `${method} ${params.uri}`;
  });
}

/** Announces something that the subscription hears last, and waits until it has. */
export async function settle(server: Server, ...exchanges: RawExchange[]): Promise<void> {
  await server.transport.notifyResourceUpdated('test://open');
  const isLast = (text: string) => text.includes('resources/updated') && text.includes('"test://open"');
  await Promise.all(
    exchanges.map((exchange) => exchange.until(() => exchange.events.some(({ data }) => isLast(data)))),
  );
}
