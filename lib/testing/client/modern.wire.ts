import type { OutgoingHttpHeaders } from 'node:http';
import { isResponse, isObject, type JsonRpcNotification, type RequestId } from '../../protocol/json-rpc.js';
import { encodeHeaderValue, HeaderName } from '../../protocol/mcp-headers.js';
import { McpErrorCode } from '../../protocol/mcp.error.js';
import { MetaKey } from '../../protocol/request-meta.js';
import type { McpImplementation } from '../../protocol/types/implementation.js';
import type { ServerCapabilities } from '../../protocol/types/capabilities.js';
import type { McpLogLevel } from '../../protocol/types/logging.js';
import { followTask } from './follow-task.js';
import type { HttpAnswer } from './http-answer.js';
import { McpRequestError } from './mcp-request.error.js';
import { MirroredArguments } from './mirrored-arguments.js';
import {
  CLIENT_INFO,
  listAll,
  type Params,
  type RequestOptions,
  type Result,
  type ServerDescription,
  type Wire,
  type WireParts,
} from './wire.js';

/** More rounds than any conversation needs; a server that asks for ever is to fail the test. */
const MAX_ROUNDS = 100;

const LISTS = ['tools', 'prompts', 'resources'] as const;

/** 2026-07-28: every request stands for itself, and is sent again with the answers to what the server asks. */
export class ModernWire implements Wire {
  readonly sessionId = undefined;
  readonly #parts: WireParts;
  readonly #end = new AbortController();
  readonly #mirrored = new MirroredArguments(() => listAll(this, 'tools/list', 'tools'));
  #nextId = 1;
  #logLevel: McpLogLevel | undefined;
  #capabilities: ServerCapabilities = {};

  constructor(parts: WireParts) {
    this.#parts = parts;
  }

  async connect(): Promise<ServerDescription> {
    const { _meta, capabilities, instructions } = await this.request('server/discover', {});
    this.#capabilities = capabilities as ServerCapabilities;
    return {
      serverInfo: isObject(_meta) ? (_meta[MetaKey.ServerInfo] as McpImplementation) : undefined,
      capabilities: this.#capabilities,
      instructions: instructions as string | undefined,
    };
  }

  async listen(): Promise<void> {
    const lists = LISTS.filter((list) => this.#capabilities[list]?.listChanged);
    if (lists.length === 0) return;
    await this.#watch(Object.fromEntries(lists.map((list) => [`${list}ListChanged`, true])));
  }

  async request(method: string, params: Params, options: RequestOptions = {}): Promise<Result> {
    let continuation: Params = {};
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const result = await this.#send(method, { ...params, ...continuation }, options);
      if (result['resultType'] === 'task') return this.#follow(result, options);
      if (result['resultType'] !== 'input_required') return result;
      const { inputRequests, requestState } = result;
      continuation = {
        inputResponses: await this.#answer(inputRequests),
        ...(requestState !== undefined && { requestState }),
      };
    }
    throw new Error(`The server has asked ${MAX_ROUNDS} times and still wants to know more`);
  }

  async notify(method: string, params: Params = {}): Promise<void> {
    const message = { jsonrpc: '2.0', method, params: this.#withMeta(params, undefined) };
    const answer = await this.#parts.endpoint.post(message, { headers: headersOf(method, params) });
    await answer.text();
  }

  setLogLevel(level: McpLogLevel): Promise<void> {
    this.#logLevel = level;
    return Promise.resolve();
  }

  subscribe(uri: string): Promise<() => Promise<void>> {
    return this.#watch({ resourceSubscriptions: [uri] });
  }

  close(): Promise<void> {
    this.#end.abort();
    return Promise.resolve();
  }

  async #send(method: string, params: Params, options: RequestOptions): Promise<Result> {
    const name = method === 'tools/call' ? String(params['name']) : undefined;
    try {
      return await this.#sendOnce(method, params, this.#mirrored.headers(name, params['arguments']), options);
    } catch (error) {
      const isUnmirrored = error instanceof McpRequestError && error.code === McpErrorCode.HeaderMismatch;
      if (!isUnmirrored || !(await this.#mirrored.learn(name))) throw error;
      return this.#sendOnce(method, params, this.#mirrored.headers(name, params['arguments']), options);
    }
  }

  async #sendOnce(
    method: string,
    params: Params,
    headers: OutgoingHttpHeaders,
    { signal, onNotification }: RequestOptions,
  ): Promise<Result> {
    signal?.throwIfAborted();
    const id = this.#nextId++;
    const stop = signal ? AbortSignal.any([signal, this.#end.signal]) : this.#end.signal;
    try {
      const answer = await this.#post(id, method, params, headers, stop);
      let result: Result | undefined;
      // Read to the end, so that a caller that gets the result knows that the server is done with the request.
      for await (const { message } of answer.events()) {
        if (!message) continue;
        if (!isResponse(message)) this.#receive(message, onNotification);
        else if (message.error) throw answer.errorOf(message.error);
        else result = message.result;
      }
      if (result) return result;
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    }
    throw new Error('The answer ended before the result came');
  }

  /** Opens `subscriptions/listen`; resolves when the server has acknowledged it, with what ends it. */
  async #watch(notifications: Params): Promise<() => Promise<void>> {
    const end = new AbortController();
    const id = this.#nextId++;
    const signal = AbortSignal.any([end.signal, this.#end.signal]);
    const answer = await this.#post(id, 'subscriptions/listen', { notifications }, {}, signal);
    const events = answer.events();
    const first = await events.next();
    if (first.done || !first.value.message || isResponse(first.value.message)) {
      throw new Error('The server did not acknowledge the subscription');
    }
    this.#receive(first.value.message);
    void this.#read(events).catch(() => {});
    return () => {
      end.abort();
      return Promise.resolve();
    };
  }

  async #read(events: ReturnType<HttpAnswer['events']>): Promise<void> {
    for await (const { message } of events) {
      if (message && !isResponse(message)) this.#receive(message);
    }
  }

  #post(id: RequestId, method: string, params: Params, headers: OutgoingHttpHeaders, signal: AbortSignal) {
    const message = { jsonrpc: '2.0', id, method, params: this.#withMeta(params, id) };
    const all = { ...headersOf(method, params), ...headers };
    return this.#parts.endpoint.post(message, { headers: all, signal });
  }

  #receive(message: JsonRpcNotification, onNotification?: RequestOptions['onNotification']): void {
    this.#parts.inbox.receive(message);
    onNotification?.(message);
  }

  #withMeta({ _meta, ...params }: Params, progressToken: RequestId | undefined): Params {
    const { version, capabilities } = this.#parts;
    const meta = {
      [MetaKey.ProtocolVersion]: version,
      [MetaKey.ClientInfo]: CLIENT_INFO,
      [MetaKey.ClientCapabilities]: capabilities,
      ...(this.#logLevel && { [MetaKey.LogLevel]: this.#logLevel }),
      ...(progressToken !== undefined && { progressToken }),
    };
    return { ...params, _meta: { ...meta, ...(_meta as object | undefined) } };
  }

  #follow({ taskId }: Result, options: RequestOptions): Promise<Result> {
    const access = {
      send: (method: string, params: Params) => this.#send(method, params, {}),
      answer: (inputRequests: unknown) => this.#answer(inputRequests),
    };
    return followTask(access, taskId as string, options);
  }

  async #answer(inputRequests: unknown): Promise<Result> {
    const { answers } = this.#parts;
    const requests = isObject(inputRequests) ? inputRequests : {};
    const answered = Object.entries(requests as Record<string, { method: string; params?: Params }>).map(
      async ([key, { method, params }]) => [key, await answers.answer(method, params)] as const,
    );
    return Object.fromEntries(await Promise.all(answered));
  }
}

function headersOf(method: string, params: Params): OutgoingHttpHeaders {
  const name = params['name'] ?? params['uri'] ?? params['taskId'];
  return {
    [HeaderName.ProtocolVersion]: '2026-07-28',
    [HeaderName.Method]: method,
    ...(typeof name === 'string' && { [HeaderName.Name]: encodeHeaderValue(name) }),
  };
}
