import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  CallToolResultSchema,
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import {
  Client as ClientV2,
  StreamableHTTPClientTransport as TransportV2,
} from '@modelcontextprotocol/client';

/** Answers of a client to questions of the server, by method. */
export type Answers = (question: { readonly method: string; readonly params: any }) => any;

export interface CallOptions {
  onprogress?(progress: { progress: number; message?: string | undefined }): void;
  signal?: AbortSignal;
  timeout?: number;
}

/** An official client of either generation, which has connected. */
export interface OfficialClient {
  /** `undefined` where there are no sessions. */
  readonly sessionId: string | undefined;
  /** Methods of the notifications that it was sent outside of calls, in order. */
  readonly heard: string[];
  listTools(): Promise<string[]>;
  /** The text of the result. */
  call(name: string, args?: Record<string, unknown>, options?: CallOptions): Promise<string>;
  subscribe(uri: string): Promise<void>;
  /** Ends the session, if there is one. */
  terminate(): Promise<void>;
  close(): Promise<void>;
}

export interface OfficialKind {
  readonly kind: string;
  readonly version: string;
  connect(url: string, answers?: Answers): Promise<OfficialClient>;
}

const capabilities = { elicitation: { form: {} }, sampling: {}, roots: {} };
const NOTIFIED = /^notifications\/(tools|resources)\//;

/** The answers of a client whose user is obliging. */
export const obliging: Answers = ({ method, params }) => {
  if (method === 'elicitation/create') return { action: 'accept', content: { word: params.message } };
  if (method === 'roots/list') return { roots: [{ uri: 'file:///home/ada' }] };
  return { role: 'assistant', model: 'model', content: { type: 'text', text: 'a poem' } };
};

async function connectV1(url: string, answers: Answers = obliging): Promise<OfficialClient> {
  const heard: string[] = [];
  const client = new ClientV1({ name: 'official-v1', version: '1.0.0' }, { capabilities });
  for (const schema of [ElicitRequestSchema, CreateMessageRequestSchema, ListRootsRequestSchema])
    client.setRequestHandler(schema, (request) => answers(request as never));
  client.fallbackNotificationHandler = async ({ method }) => {
    if (NOTIFIED.test(method)) heard.push(method);
  };
  const transport = new TransportV1(new URL(url));
  await client.connect(transport);
  return {
    heard,
    get sessionId() {
      return transport.sessionId;
    },
    listTools: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: async (name, args = {}, options = {}) =>
      textIn(await client.callTool({ name, arguments: args }, CallToolResultSchema, options)),
    subscribe: async (uri) => void (await client.subscribeResource({ uri })),
    terminate: () => transport.terminateSession(),
    close: () => client.close(),
  };
}

type V2Options = NonNullable<ConstructorParameters<typeof ClientV2>[1]>;

async function connectV2(
  url: string,
  options: V2Options,
  answers: Answers = obliging,
): Promise<OfficialClient> {
  const heard: string[] = [];
  const client = new ClientV2({ name: 'official-v2', version: '1.0.0' }, { ...options, capabilities });
  for (const method of ['elicitation/create', 'sampling/createMessage', 'roots/list'] as const)
    client.setRequestHandler(method, (request: any) => answers(request));
  client.fallbackNotificationHandler = async ({ method }) => {
    if (NOTIFIED.test(method)) heard.push(method);
  };
  const transport = new TransportV2(new URL(url));
  await client.connect(transport);
  const isModern = client.getNegotiatedProtocolVersion() === '2026-07-28';
  return {
    heard,
    get sessionId() {
      return transport.sessionId;
    },
    listTools: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: async (name, args = {}, callOptions = {}) =>
      textIn(await client.callTool({ name, arguments: args }, callOptions)),
    async subscribe(uri) {
      if (isModern) await client.listen({ toolsListChanged: true, resourceSubscriptions: [uri] });
      else await client.subscribeResource({ uri });
    },
    terminate: async () => {
      if (!isModern) await transport.terminateSession();
    },
    close: () => client.close(),
  };
}

const v2 = (kind: string, version: string, options: V2Options): OfficialKind => ({
  kind: `v2 ${kind}`,
  version,
  connect: (url, answers) => connectV2(url, options, answers),
});

/** Clients with sessions: the first generation knows its newest revision only. */
export const LEGACY_CLIENTS: readonly OfficialKind[] = [
  { kind: 'v1', version: '2025-11-25', connect: connectV1 },
  ...['2025-11-25', '2025-06-18', '2025-03-26'].map((version) =>
    v2(`offering ${version}`, version, { supportedProtocolVersions: [version] }),
  ),
];

export const MODERN_CLIENTS: readonly OfficialKind[] = [
  v2('automatic', '2026-07-28', { versionNegotiation: { mode: 'auto' } }),
  v2('pinned to 2026-07-28', '2026-07-28', { versionNegotiation: { mode: { pin: '2026-07-28' } } }),
];

export const OFFICIAL_CLIENTS: readonly OfficialKind[] = [...LEGACY_CLIENTS, ...MODERN_CLIENTS];

/** Connects each of them, and closes all at the end. */
export async function connected<T>(
  kinds: readonly OfficialKind[],
  url: string,
  use: (clients: readonly OfficialClient[]) => Promise<T>,
  answers?: Answers,
): Promise<T> {
  const clients = await Promise.all(kinds.map(({ connect }) => connect(url, answers)));
  try {
    return await use(clients);
  } finally {
    await Promise.all(clients.map((client) => client.close()));
  }
}

function textIn({ content, isError }: any): string {
  const text = content.map((block: { text?: string }) => block.text ?? '').join('');
  if (isError) throw new Error(text);
  return text;
}
