/** Revision, and what this client can do: answer forms, and wait for tasks. */
const META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'reader', version: '1.0.0' },
  'io.modelcontextprotocol/clientCapabilities': {
    elicitation: {},
    extensions: { 'io.modelcontextprotocol/tasks': {} },
  },
};

/** A task as the server tells of it. */
export interface Task {
  readonly taskId: string;
  readonly status: 'working' | 'input_required' | 'completed' | 'failed' | 'cancelled';
  readonly statusMessage?: string;
  readonly inputRequests?: Readonly<Record<string, { readonly params: { readonly message: string } }>>;
  readonly result?: {
    readonly content: readonly { readonly text: string }[];
    readonly structuredContent?: unknown;
  };
  readonly error?: { readonly message: string };
}

/** Sends one request to the first server that is there, and gives its result. */
export async function request<T>(
  urls: readonly string[],
  method: string,
  params: Readonly<Record<string, unknown>>,
): Promise<T> {
  const name = params['name'] ?? params['taskId'];
  for (const url of urls) {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': '2026-07-28',
        'mcp-method': method,
        ...(typeof name === 'string' && { 'mcp-name': name }),
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...params, _meta: META } }),
    }).catch(() => undefined);
    if (!response || response.status === 503) continue;
    const { result, error } = (await response.json()) as { result?: T; error?: { message: string } };
    if (result === undefined) throw new Error(`${method}: ${error?.message}`);
    return result;
  }
  throw new Error('No server is there');
}
