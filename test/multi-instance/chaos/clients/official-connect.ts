import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { CallToolResultSchema, ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import {
  Client as ClientV2,
  StreamableHTTPClientTransport as TransportV2,
} from '@modelcontextprotocol/client';

/** Events that an official client passes to its user. */
export interface OfficialEvents {
  /** A question, to be answered. */
  readonly asked: (params: any) => { action: 'accept'; content: Record<string, string> };
  readonly logged: (params: any) => void;
}

export interface CallOptions {
  onprogress(progress: { progress: number; message?: string | undefined }): void;
  readonly timeout: number;
}

/** Part of an official client that both generations have. */
export interface Official {
  readonly sessionId: string | undefined;
  call(name: string, args: Record<string, unknown>, options: CallOptions): Promise<any>;
  close(): Promise<void>;
}

export type ConnectOfficial = (url: string, name: string, events: OfficialEvents) => Promise<Official>;

const capabilities = { elicitation: { form: {} } };

/** They give up soon by default, and wait long. */
const reconnectionOptions = {
  initialReconnectionDelay: 100,
  maxReconnectionDelay: 500,
  reconnectionDelayGrowFactor: 1.5,
  maxRetries: 10_000,
};

export const connectV1: ConnectOfficial = async (url, name, { asked, logged }) => {
  const client = new ClientV1({ name, version: '1.0.0' }, { capabilities });
  client.setRequestHandler(ElicitRequestSchema, ({ params }) => asked(params));
  client.fallbackNotificationHandler = async ({ params }) => logged(params);
  const transport = new TransportV1(new URL(url), { reconnectionOptions });
  await client.connect(transport);
  await client.setLoggingLevel('info');
  return {
    get sessionId() {
      return transport.sessionId;
    },
    call: (tool, args, options) =>
      client.callTool({ name: tool, arguments: args }, CallToolResultSchema, options),
    close: () => client.close(),
  };
};

const connectV2 =
  (options: ConstructorParameters<typeof ClientV2>[1]): ConnectOfficial =>
  async (url, name, { asked, logged }) => {
    const client = new ClientV2({ name, version: '1.0.0' }, { ...options, capabilities });
    client.setRequestHandler('elicitation/create', ({ params }: any) => asked(params));
    client.fallbackNotificationHandler = async ({ params }) => logged(params);
    const transport = new TransportV2(new URL(url), { reconnectionOptions });
    await client.connect(transport);
    if (transport.sessionId !== undefined) await client.setLoggingLevel('info');
    return {
      get sessionId() {
        return transport.sessionId;
      },
      call: (tool, args, callOptions) => client.callTool({ name: tool, arguments: args }, callOptions),
      close: () => client.close(),
    };
  };

export const connectV2Legacy = connectV2({ supportedProtocolVersions: ['2025-11-25'] });
export const connectV2Modern = connectV2({ versionNegotiation: { mode: { pin: '2026-07-28' } } });
