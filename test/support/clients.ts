import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  Client as ClientV2,
  StreamableHTTPClientTransport as TransportV2,
} from '@modelcontextprotocol/client';

const INFO = { name: 'official-client', version: '1.0.0' };

export interface CallOptions {
  onprogress?(progress: { progress: number; total?: number | undefined }): void;
  signal?: AbortSignal;
}

/** Common interface of the official clients of both generations. */
export interface OfficialClient {
  readonly version: string | undefined;
  listTools(): Promise<string[]>;
  callTool(name: string, args?: Record<string, unknown>, options?: CallOptions): Promise<any>;
  close(): Promise<void>;
}

/** An official client that has not connected yet: its kind and how to connect it. */
export interface OfficialClientKind {
  readonly kind: string;
  /** The revision it ends up with on a server that serves all of them. */
  readonly version: string;
  connect(url: string): Promise<OfficialClient>;
}

async function connectV1(url: string): Promise<OfficialClient> {
  const client = new ClientV1(INFO);
  const transport = new TransportV1(new URL(url));
  await client.connect(transport);
  return {
    version: transport.protocolVersion,
    listTools: async () => (await client.listTools()).tools.map(({ name }) => name),
    callTool: (name, args = {}, options = {}) =>
      client.callTool({ name, arguments: args }, undefined, options),
    close: () => client.close(),
  };
}

type V2Options = NonNullable<ConstructorParameters<typeof ClientV2>[1]>;

async function connectV2(url: string, options: V2Options): Promise<OfficialClient> {
  const client = new ClientV2(INFO, options);
  await client.connect(new TransportV2(new URL(url)));
  return {
    version: client.getNegotiatedProtocolVersion(),
    listTools: async () => (await client.listTools()).tools.map(({ name }) => name),
    callTool: (name, args = {}, callOptions = {}) => client.callTool({ name, arguments: args }, callOptions),
    close: () => client.close(),
  };
}

const v2 = (kind: string, version: string, options: V2Options): OfficialClientKind => ({
  kind: `v2, ${kind}`,
  version,
  connect: (url) => connectV2(url, options),
});

/** Every official client in every way it can negotiate. */
export const OFFICIAL_CLIENTS: readonly OfficialClientKind[] = [
  { kind: 'v1', version: '2025-11-25', connect: connectV1 },
  v2('as it comes', '2025-11-25', {}),
  v2('automatic', '2026-07-28', { versionNegotiation: { mode: 'auto' } }),
  v2('pinned to 2026-07-28', '2026-07-28', { versionNegotiation: { mode: { pin: '2026-07-28' } } }),
  ...['2025-11-25', '2025-06-18', '2025-03-26'].map((version) =>
    v2(`offering ${version}`, version, { supportedProtocolVersions: [version] }),
  ),
];
