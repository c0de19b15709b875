import { createPoster, legacy, readAnswer, type HttpAnswer } from './http.js';
import { RawExchange, type RawRequest } from './raw-http.js';

export interface SessionClientOptions {
  readonly version?: string;
  readonly capabilities?: object;
  /** Sent with every request, as a token would be. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface CallOptions {
  readonly id?: string | number;
  readonly progressToken?: string | number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cutAfter?: number;
}

const BOTH = 'application/json, text/event-stream';

/** A legacy client of the plainest kind: knows its session and sends what it is told. */
export class SessionClient {
  constructor(
    readonly url: string,
    readonly id: string,
    readonly headers: Readonly<Record<string, string>>,
  ) {}

  /** Begins a session. */
  static async open(
    { url }: { readonly url: string },
    { version = '2025-11-25', capabilities = {}, headers = {} }: SessionClientOptions = {},
  ): Promise<SessionClient> {
    const answer = await initialize(url, { version, capabilities, headers });
    const id = answer.headers.get('mcp-session-id');
    if (id === null) throw new Error(`No session: ${answer.status} ${answer.text}`);
    return new SessionClient(url, id, {
      accept: BOTH,
      ...(version !== '2025-03-26' && { 'mcp-protocol-version': version }),
      ...headers,
      'mcp-session-id': id,
    });
  }

  /** The same session, as sent with other headers or to another instance. */
  with({ url = this.url, headers = {} }: { url?: string; headers?: Record<string, string> }): SessionClient {
    return new SessionClient(url, this.id, { ...this.headers, ...headers });
  }

  /** Posts and reads the answer whole. */
  post(body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<HttpAnswer> {
    return createPoster(this.url)(body, { ...this.headers, ...headers });
  }

  request(method: string, params?: object): Promise<HttpAnswer> {
    return this.post(legacy(method, params));
  }

  notify(method: string, params?: object): Promise<HttpAnswer> {
    return this.post({ jsonrpc: '2.0', method, ...(params && { params }) });
  }

  /** Calls a tool and reads the answer whole. */
  call(name: string, args: object = {}, options: CallOptions = {}): Promise<HttpAnswer> {
    return this.post(toolCall(name, args, options), options.headers);
  }

  /** Calls a tool and follows the answer as it comes. */
  begin(name: string, args: object = {}, options: CallOptions = {}): RawExchange {
    const { headers, cutAfter } = options;
    return this.raw({
      method: 'POST',
      body: toolCall(name, args, options),
      ...(headers && { headers }),
      ...(cutAfter !== undefined && { cutAfter }),
    });
  }

  /** Opens the stream of the session, or goes on with one that broke. */
  listen(lastEventId?: string, options: { readonly cutAfter?: number } = {}): RawExchange {
    const headers = {
      accept: 'text/event-stream',
      ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
    };
    return this.raw({ method: 'GET', headers, ...options });
  }

  /** Answers a question of the server. */
  answer(question: { readonly id: string | number }, result: object): Promise<HttpAnswer> {
    return this.post({ jsonrpc: '2.0', id: question.id, result });
  }

  async get(headers: Readonly<Record<string, string>> = {}): Promise<HttpAnswer> {
    return readAnswer(await fetch(this.url, { headers: { ...this.headers, ...headers } }));
  }

  async delete(): Promise<HttpAnswer> {
    return readAnswer(await fetch(this.url, { method: 'DELETE', headers: this.headers }));
  }

  raw(request: RawRequest): RawExchange {
    return new RawExchange(this.url, { ...request, headers: { ...this.headers, ...request.headers } });
  }
}

/** Sends `initialize` and nothing else. */
export function initialize(
  url: string,
  { version = '2025-11-25', capabilities = {}, headers = {} }: SessionClientOptions = {},
): Promise<HttpAnswer> {
  const clientInfo = { name: 'session-client', version: '1.0.0' };
  const body = legacy('initialize', { protocolVersion: version, capabilities, clientInfo });
  return createPoster(url)(body, { accept: BOTH, ...headers });
}

export function toolCall(name: string, args: object, { id, progressToken }: CallOptions = {}): object {
  const params = { name, arguments: args, ...(progressToken !== undefined && { _meta: { progressToken } }) };
  return legacy('tools/call', params, id);
}
