import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { SseReader } from './sse.js';
import { problemsOf, type Era, type Message } from './wire-rules.js';

const violations: string[] = [];

/** Methods by session and request id: a stream that is resumed answers what another POST has asked. */
const askedInSessions = new Map<string, string>();

/** What servers have sent against the specification since the last call. */
export function takeViolations(): string[] {
  return violations.splice(0);
}

/** Has every JSON-RPC message that leaves this HTTP server checked against the official schemas. */
export function watchWire(server: Server): void {
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    new Exchange(request, response);
  });
}

class Exchange {
  readonly #chunks: Buffer[] = [];
  readonly #sse = new SseReader();
  readonly #answered = new Set<unknown>();
  #asked: ReadonlyMap<unknown, string> | undefined;
  #isSse = false;
  #text = '';

  constructor(
    private readonly request: IncomingMessage,
    private readonly response: ServerResponse,
  ) {
    tap(request, 'push', ([chunk]) => chunk && this.#chunks.push(Buffer.from(chunk as Uint8Array)));
    tap(response, 'writeHead', (args) => {
      this.#isSse = JSON.stringify(args).includes('text/event-stream');
    });
    tap(response, 'write', ([chunk]) => this.#sent(chunk));
    tap(response, 'end', ([chunk]) => {
      this.#sent(chunk);
      this.#ended();
    });
  }

  #sent(chunk: unknown): void {
    if (typeof chunk !== 'string' && !(chunk instanceof Uint8Array)) return;
    const text = Buffer.from(chunk as string).toString();
    if (!this.#isSse) this.#text += text;
    else for (const { data } of this.#sse.push(text)) if (data !== '') this.#message(JSON.parse(data));
  }

  #ended(): void {
    const body = this.#isSse ? undefined : parseOrUndefined(this.#text);
    const messages = Array.isArray(body) ? body : [body];
    for (const message of messages) if (isJsonRpc(message)) this.#message(message);
    if (this.response.statusCode === 202 && this.#text !== '') this.#violation('202 has no body', this.#text);
    if (this.#answered.size > 0 && this.#session === undefined) {
      const missing = [...this.#requests.keys()].filter((id) => !this.#answered.has(id));
      if (missing.length > 0 && !this.#answered.has(null)) this.#violation('no answer to', missing);
    }
  }

  #message(message: Message): void {
    const id = message['id'];
    const isResponse = !('method' in message);
    const method = this.#requests.get(id) ?? askedInSessions.get(`${this.#session} ${String(id)}`);
    for (const problem of problemsOf(message, this.#era, method)) this.#violation(problem, message);
    if (this.response.statusCode >= 400 && !('error' in message))
      this.#violation('no error in a refusal', message);
    if (!isResponse) return;
    if (this.#answered.has(id)) this.#violation('answered twice', message);
    this.#answered.add(id);
    const isUnasked = this.request.method === 'POST' && 'result' in message && !this.#requests.has(id);
    if (isUnasked) this.#violation('an answer to something else', message);
  }

  get #era(): Era {
    return this.request.headers['mcp-protocol-version'] === '2026-07-28' ? 'modern' : 'legacy';
  }

  get #session(): string | undefined {
    const session = this.request.headers['mcp-session-id'];
    return this.#era === 'legacy' && typeof session === 'string' ? session : undefined;
  }

  /** The requests of the body, known once the server starts to answer. */
  get #requests(): ReadonlyMap<unknown, string> {
    if (this.#asked) return this.#asked;
    const body = parseOrUndefined(new TextDecoder().decode(Buffer.concat(this.#chunks)));
    const requests = (Array.isArray(body) ? body : [body]).filter(isRequest);
    this.#asked = new Map(requests.map(({ id, method }) => [id, method]));
    if (this.#session !== undefined) {
      for (const [id, method] of this.#asked) askedInSessions.set(`${this.#session} ${String(id)}`, method);
    }
    return this.#asked;
  }

  #violation(problem: string, message: unknown): void {
    const { method, url } = this.request;
    const sent = JSON.stringify(message).slice(0, 2000);
    violations.push(`${method} ${url} -> ${this.response.statusCode}: ${problem}\n${sent}`);
  }
}

/** Lets `listen` see the arguments of every call to a method, before it runs. */
function tap<K extends string>(
  target: { [P in K]: (...args: never[]) => unknown },
  name: K,
  listen: (args: readonly unknown[]) => void,
): void {
  const original = target[name] as (...args: unknown[]) => unknown;
  (target as Record<string, unknown>)[name] = function (this: unknown, ...args: unknown[]) {
    listen(args);
    return original.apply(this, args);
  };
}

function isJsonRpc(value: unknown): value is Message {
  return typeof value === 'object' && value !== null && 'jsonrpc' in value;
}

function isRequest(value: unknown): value is Message {
  return (
    isJsonRpc(value) &&
    typeof value['method'] === 'string' &&
    ['string', 'number'].includes(typeof value['id'])
  );
}

function parseOrUndefined(text: string): any {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
