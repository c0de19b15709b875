import { setTimeout as delay } from 'node:timers/promises';
import {
  isRequest,
  isResponse,
  type JsonRpcMessage,
  type JsonRpcRequest,
  type RequestId,
} from '../../protocol/json-rpc.js';
import { HeaderName } from '../../protocol/mcp-headers.js';
import type { McpImplementation } from '../../protocol/types/implementation.js';
import type { ServerCapabilities } from '../../protocol/types/capabilities.js';
import type { McpLogLevel } from '../../protocol/types/logging.js';
import type { HttpAnswer } from './http-answer.js';
import { McpRequestError } from './mcp-request.error.js';
import {
  CLIENT_INFO,
  type Params,
  type RequestOptions,
  type Result,
  type ServerDescription,
  type Wire,
  type WireParts,
} from './wire.js';

/** 2025-03-26 to 2025-11-25: begins with `initialize`, keeps to its session, and is asked on the streams it holds. */
export class LegacyWire implements Wire {
  readonly #parts: WireParts;
  readonly #end = new AbortController();
  readonly #failures = new Set<(error: unknown) => void>();
  #headers: Record<string, string> = {};
  #nextId = 1;

  constructor(parts: WireParts) {
    this.#parts = parts;
  }

  get sessionId(): string | undefined {
    return this.#headers[HeaderName.SessionId];
  }

  async connect(): Promise<ServerDescription> {
    const { version, capabilities } = this.#parts;
    const params = { protocolVersion: version, capabilities, clientInfo: CLIENT_INFO };
    const result = await this.request('initialize', params);
    if (result['protocolVersion'] !== version) {
      throw new Error(`The server speaks ${String(result['protocolVersion'])}, not ${version}`);
    }
    // The header came with 2025-06-18.
    if (version >= '2025-06-18') this.#headers[HeaderName.ProtocolVersion] = version;
    await this.notify('notifications/initialized');
    return {
      serverInfo: result['serverInfo'] as McpImplementation,
      capabilities: result['capabilities'] as ServerCapabilities,
      instructions: result['instructions'] as string | undefined,
    };
  }

  async listen(): Promise<void> {
    if (this.sessionId === undefined) return;
    const answer = await this.#parts.endpoint.get({ headers: this.#headers, signal: this.#end.signal });
    void this.#follow(answer).catch(() => {});
  }

  async request(method: string, params: Params, options: RequestOptions = {}): Promise<Result> {
    const { signal } = options;
    signal?.throwIfAborted();
    const id = this.#nextId++;
    const { _meta } = params as { _meta?: object };
    const request = {
      jsonrpc: '2.0',
      id,
      method,
      params: { ...params, _meta: { progressToken: id, ..._meta } },
    };
    const gone = new AbortController();
    const stop = AbortSignal.any([gone.signal, this.#end.signal]);
    let fail: (error: unknown) => void = () => {};
    const failed = new Promise<never>((_resolve, reject) => (fail = reject));
    failed.catch(() => {});
    const cancel = () => {
      const reason = String(signal?.reason);
      void this.notify('notifications/cancelled', { requestId: id, reason }).catch(() => {});
      fail(signal?.reason);
    };
    signal?.addEventListener('abort', cancel);
    this.#failures.add(fail);
    try {
      const answered = this.#roundTrip(request, id, options, stop);
      answered.catch(() => {});
      return await Promise.race([answered, failed]);
    } finally {
      signal?.removeEventListener('abort', cancel);
      this.#failures.delete(fail);
      gone.abort();
    }
  }

  async notify(method: string, params?: Params): Promise<void> {
    await this.#tell({ jsonrpc: '2.0', method, ...(params && { params }) });
  }

  async setLogLevel(level: McpLogLevel): Promise<void> {
    await this.request('logging/setLevel', { level });
  }

  async subscribe(uri: string): Promise<() => Promise<void>> {
    await this.request('resources/subscribe', { uri });
    return async () => void (await this.request('resources/unsubscribe', { uri }));
  }

  async close(): Promise<void> {
    this.#end.abort();
    if (this.sessionId === undefined) return;
    const answer = await this.#parts.endpoint.delete({ headers: this.#headers }).catch(() => undefined);
    await answer?.text();
  }

  /** Posts and reads until the answer is there, coming back for the rest where the server ends a stream early. */
  async #roundTrip(
    request: object,
    id: RequestId,
    options: RequestOptions,
    signal: AbortSignal,
  ): Promise<Result> {
    const { endpoint } = this.#parts;
    let answer = await endpoint.post(request, { headers: this.#headers, signal });
    const sessionId = answer.header(HeaderName.SessionId);
    if (sessionId !== undefined) this.#headers[HeaderName.SessionId] = sessionId;
    for (;;) {
      const { result, lastEventId, retry } = await this.#follow(answer, id, options);
      if (result) return result;
      if (lastEventId === undefined) throw new Error('The answer ended before the result came');
      await delay(retry, undefined, { signal });
      const headers = { ...this.#headers, [HeaderName.LastEventId]: lastEventId };
      answer = await endpoint.get({ headers, signal });
    }
  }

  /** Reads an answer to its end, or to the response with the given id. */
  async #follow(answer: HttpAnswer, id?: RequestId, options: RequestOptions = {}) {
    let result: Result | undefined;
    let lastEventId: string | undefined;
    let retry = 0;
    // Read to the end, so that a caller that gets the result knows that the server is done with the request.
    for await (const event of answer.events()) {
      lastEventId = event.id ?? lastEventId;
      retry = event.retry ?? retry;
      const { message } = event;
      if (!message) continue;
      if (!isResponse(message)) this.#receive(message, options);
      else if (message.id === id) {
        if (message.error) throw answer.errorOf(message.error);
        result = message.result;
      }
    }
    return { result, lastEventId, retry };
  }

  #receive(message: JsonRpcMessage, { onNotification }: RequestOptions): void {
    if (isResponse(message)) return;
    if (isRequest(message)) return void this.#answer(message);
    this.#parts.inbox.receive(message);
    onNotification?.(message);
  }

  async #answer({ id, method, params }: JsonRpcRequest): Promise<void> {
    const { answers } = this.#parts;
    const reply = await answers.answer(method, params).then(
      (result) => ({ result }),
      (error: unknown) => {
        // A test's own assertion is to fail the test, not to become an error that the server deals with.
        for (const fail of this.#failures) fail(error);
        return { error: { code: -32603, message: 'The test client could not answer' } };
      },
    );
    // The server refuses an answer that comes too late; that is no error of the test.
    await this.#tell({ jsonrpc: '2.0', id, ...reply }).catch((error: unknown) => {
      if (!(error instanceof McpRequestError)) throw error;
    });
  }

  async #tell(message: object): Promise<void> {
    const answer = await this.#parts.endpoint.post(message, { headers: this.#headers });
    await answer.text();
  }
}
