import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { SseReader, type SseEvent } from './sse.js';
import { answerProblems, clientProblemsOf } from './wire/client-messages.js';
import { WireHistory } from './wire/history.js';
import { isJsonRpc, isNotification, isRequest, isResponse, type Era, type Message } from './wire/messages.js';
import { problemsOf } from './wire/server-messages.js';
import { StreamRules, undeclared } from './wire/streams.js';

const violations: string[] = [];

const history = new WireHistory();

/** Violations of the specification since the last call. */
export function takeViolations(): string[] {
  return violations.splice(0);
}

// A violation of the specification fails the test during which it was sent; outside of jest there are no hooks.
(globalThis as { afterEach?(hook: () => void): void }).afterEach?.(() => {
  const found = takeViolations();
  if (found.length > 0) throw new Error(`Said against the specification:\n${found.join('\n')}`);
});

/**
 * Has every JSON-RPC message that enters or leaves this HTTP server checked against the official schemas, and its place
 * on the stream against the rules for it. What a client sends may be wrong as long as the server does not take it;
 * `server` leaves out what clients send, where that is noise.
 */
export function watchWire(server: Server, who: 'both' | 'server' = 'both'): void {
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    new Exchange(request, response, who);
  });
}

class Exchange {
  readonly #chunks: Buffer[] = [];
  readonly #sse = new SseReader();
  readonly #answers = new Map<unknown, Message>();
  #sent: Sent | undefined;
  #isSse = false;
  #text = '';

  constructor(
    private readonly request: IncomingMessage,
    private readonly response: ServerResponse,
    private readonly who: 'both' | 'server',
  ) {
    tap(request, 'push', ([chunk]) => chunk && this.#chunks.push(Buffer.from(chunk as Uint8Array)));
    tap(response, 'writeHead', (args) => {
      this.#isSse = JSON.stringify(args).includes('text/event-stream');
    });
    tap(response, 'write', ([chunk]) => this.#written(chunk));
    tap(response, 'end', ([chunk]) => {
      this.#written(chunk);
      this.#ended();
    });
  }

  #written(chunk: unknown): void {
    if (typeof chunk !== 'string' && !(chunk instanceof Uint8Array)) return;
    const text = Buffer.from(chunk as string).toString();
    if (!this.#isSse) this.#text += text;
    else for (const event of this.#sse.push(text)) this.#event(event);
  }

  #event({ id, data }: SseEvent): void {
    const session = this.#session;
    if (id !== undefined && session !== undefined) this.#judge(history.gaveEvent(session, id, data), data);
    if (data === '') return;
    const message = JSON.parse(data) as unknown;
    for (const one of Array.isArray(message) ? message : [message]) this.#message(one);
  }

  #ended(): void {
    const body = this.#isSse ? undefined : parseOrUndefined(this.#text);
    const messages = Array.isArray(body) ? body : [body];
    for (const message of messages) if (isJsonRpc(message)) this.#message(message);
    if (this.response.statusCode === 202 && this.#text !== '') this.#judge(['202 has no body'], this.#text);
    if (this.#answers.size > 0 && this.#session === undefined) {
      const missing = this.#asked.requests.filter(({ id }) => !this.#answers.has(id));
      if (missing.length > 0 && !this.#answers.has(null)) this.#judge(['no answer to'], missing);
    }
    this.#began();
    this.#judgeClient();
  }

  #message(message: Message): void {
    const { requests, rules } = this.#asked;
    const { method: verb } = this.request;
    const session = this.#session;
    const { id } = message;
    const asked =
      requests.find((request) => request['id'] === id)?.['method'] ??
      (session === undefined ? undefined : history.methodOf(session, id));
    this.#judge(problemsOf(message, this.#era, isResponse(message) ? asked : undefined), message);

    const isOver = requests.length > 0 && requests.every((request) => this.#answers.has(request['id']));
    if (verb === 'POST' && this.#isSse && isOver) this.#judge(['all is answered'], message);
    if (isNotification(message)) {
      if (verb === 'POST') this.#judge(rules.problemsOf(message), message);
      if (session !== undefined) this.#judge(cancellationProblems(session, message), message);
    }
    if (isRequest(message) && session !== undefined) this.#question(session, message);
    if (!isResponse(message)) return;

    if (this.response.statusCode >= 400 && !('error' in message))
      this.#judge(['no error in a refusal'], message);
    if (this.#answers.has(id)) this.#judge(['answered twice'], message);
    this.#answers.set(id, message);
    const isUnasked = 'result' in message && !requests.some((request) => request['id'] === id);
    if (verb === 'POST' && isUnasked) this.#judge(['an answer to something else'], message);
    if (verb === 'GET' && this.#isSse && this.request.headers['last-event-id'] === undefined)
      this.#judge(['a response on a stream that resumes nothing'], message);
  }

  #question(session: string, message: Message): void {
    this.#judge(history.questioned(session, message), message);
    const capabilities = history.capabilitiesOf(session);
    if (capabilities) this.#judge(undeclared(message, capabilities), message);
  }

  /** Remembers the session that the answer to `initialize` names. */
  #began(): void {
    const session = this.response.getHeader('mcp-session-id');
    const request = this.#asked.requests[0];
    if (typeof session !== 'string' || request?.['method'] !== 'initialize') return;
    if (!/^[\x21-\x7e]+$/.test(session)) this.#judge(['a session id that is not visible ASCII'], session);
    history.began(session, request['params'].capabilities);
  }

  /** Judges a wrong message of the client, which must not have been taken. */
  #judgeClient(): void {
    if (this.request.method !== 'POST' || this.response.statusCode >= 400) return;
    for (const request of this.#asked.requests) {
      const { result } = this.#answers.get(request['id']) ?? {};
      if (!result) continue;
      this.#judgeTaken(clientProblemsOf(request, this.#era), request);
      const { _meta, requestState, inputResponses = {} } = request['params'] ?? {};
      for (const [key, { method }] of Object.entries<Message>(history.inputsOf(requestState)))
        if (key in inputResponses) this.#judgeTaken(answerProblems(inputResponses[key], method), request);
      history.askedFor(result.requestState, result.inputRequests);
      for (const input of Object.values<Message>(result.inputRequests ?? {}))
        this.#judge(undeclared(input, _meta?.['io.modelcontextprotocol/clientCapabilities']), input);
    }
    if (this.response.statusCode !== 202) return;
    for (const response of this.#asked.responses) {
      const question =
        this.#session === undefined ? undefined : history.questionOf(this.#session, response['id']);
      this.#judgeTaken(clientProblemsOf(response, this.#era, question), response);
    }
  }

  get #era(): Era {
    return this.request.headers['mcp-protocol-version'] === '2026-07-28' ? 'modern' : 'legacy';
  }

  get #session(): string | undefined {
    const session = this.request.headers['mcp-session-id'];
    return this.#era === 'legacy' && typeof session === 'string' ? session : undefined;
  }

  /** Messages of the body, known once the server starts to answer. */
  get #asked(): Sent {
    if (this.#sent) return this.#sent;
    const body = parseOrUndefined(new TextDecoder().decode(Buffer.concat(this.#chunks)));
    const messages = Array.isArray(body) ? body : [body];
    const requests = messages.filter(isRequest);
    this.#sent = {
      requests,
      responses: messages.filter(isResponse),
      rules: new StreamRules(requests, this.#era),
    };
    if (this.#session !== undefined) for (const request of requests) history.asked(this.#session, request);
    return this.#sent;
  }

  #judgeTaken(problems: readonly string[], message: unknown): void {
    if (this.who === 'server') return;
    this.#judge(
      problems.map((problem) => `taken although wrong: ${problem}`),
      message,
    );
  }

  #judge(problems: readonly string[], message: unknown): void {
    const { method, url } = this.request;
    for (const problem of problems) {
      const sent = JSON.stringify(message).slice(0, 2000);
      violations.push(`${method} ${url} -> ${this.response.statusCode}: ${problem}\n${sent}`);
    }
  }
}

/** Messages that a client has sent with one POST. */
interface Sent {
  readonly requests: readonly Message[];
  readonly responses: readonly Message[];
  readonly rules: StreamRules;
}

/** A server cancels only what it has asked. */
function cancellationProblems(session: string, { method, params }: Message): string[] {
  if (method !== 'notifications/cancelled') return [];
  return history.questionOf(session, params?.requestId) ? [] : ['cancels what was never asked'];
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

function parseOrUndefined(text: string): any {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
