import type { JsonRpcNotification } from '../../protocol/json-rpc.js';
import type { ProtocolVersion } from '../../protocol/protocol-version.js';
import type { ServerCapabilities } from '../../protocol/types/capabilities.js';
import type { Completion } from '../../protocol/types/completion.js';
import type { McpImplementation } from '../../protocol/types/implementation.js';
import type { McpLogLevel } from '../../protocol/types/logging.js';
import type { GetPromptResult, Prompt } from '../../protocol/types/prompts.js';
import type { ReadResourceResult, Resource, ResourceTemplate } from '../../protocol/types/resources.js';
import type { CallToolResult, Tool } from '../../protocol/types/tools.js';
import type { ClientAnswers, McpQuestion } from './client-answers.js';
import { toProgress, type Inbox, type ListName, type LogMessage, type ProgressUpdate } from './inbox.js';
import { plainResult } from './plain-result.js';
import { listAll, type Params, type RequestOptions, type ServerDescription, type Wire } from './wire.js';

/**
 * Options of one request of the test client.
 *
 * @publicApi
 */
export interface McpRequestOptions {
  /** Gives the request up when aborted, and tells the server so; the request rejects with the reason. */
  readonly signal?: AbortSignal;
  /** Hears of progress as it arrives. */
  readonly onProgress?: (update: ProgressUpdate) => void;
}

/**
 * Which argument is being typed: of a prompt, or of a resource template.
 *
 * @publicApi
 */
export type CompletionReference =
  | { readonly type: 'ref/prompt'; readonly name: string }
  | { readonly type: 'ref/resource'; readonly uri: string };

/** Dependencies of a test client. */
export interface McpTestClientParts {
  readonly wire: Wire;
  readonly inbox: Inbox;
  readonly answers: ClientAnswers;
  readonly version: ProtocolVersion;
  readonly server: ServerDescription;
  readonly close: () => Promise<void>;
}

/**
 * An MCP client in the process of the application, without a port. Made by `createMcpTestClient()`.
 *
 * Requests reject with `McpRequestError` when the server answers with an error. A tool that fails is no such error: its
 * result is marked `isError`. What only 2026-07-28 adds to results (`resultType`, cache hints, the server's name) is left
 * out by all methods but `request()`, so that a test expects the same of every revision.
 *
 * @publicApi
 */
export class McpTestClient implements AsyncDisposable {
  readonly #parts: McpTestClientParts;

  /** @internal */
  constructor(parts: McpTestClientParts) {
    this.#parts = parts;
  }

  /** The revision spoken. */
  get protocolVersion(): ProtocolVersion {
    return this.#parts.version;
  }

  /** Name and version that the server reports. */
  get serverInfo(): McpImplementation | undefined {
    return this.#parts.server.serverInfo;
  }

  /** Capabilities that the server declared when the client connected. */
  get serverCapabilities(): ServerCapabilities {
    return this.#parts.server.capabilities;
  }

  /** The server's advice for models. */
  get instructions(): string | undefined {
    return this.#parts.server.instructions;
  }

  /** Id of the session; `undefined` where there is none. */
  get sessionId(): string | undefined {
    return this.#parts.wire.sessionId;
  }

  /** Progress of all requests so far. */
  get progress(): readonly ProgressUpdate[] {
    return this.#parts.inbox.progress;
  }

  /** Log messages so far. */
  get logs(): readonly LogMessage[] {
    return this.#parts.inbox.logs;
  }

  /** Lists that were said to have changed so far. */
  get listChanges(): readonly ListName[] {
    return this.#parts.inbox.listChanges;
  }

  /** URIs of resources that were said to have changed so far. */
  get resourceUpdates(): readonly string[] {
    return this.#parts.inbox.resourceUpdates;
  }

  /** Every notification so far, as it was sent. */
  get notifications(): readonly JsonRpcNotification[] {
    return this.#parts.inbox.notifications;
  }

  /** Questions of the server so far. */
  get questions(): readonly McpQuestion[] {
    return this.#parts.answers.questions;
  }

  /** All tools, whatever the page size. */
  listTools(): Promise<Tool[]> {
    return listAll(this.#parts.wire, 'tools/list', 'tools');
  }

  /** All resources, whatever the page size. */
  listResources(): Promise<Resource[]> {
    return listAll(this.#parts.wire, 'resources/list', 'resources');
  }

  /** All resource templates, whatever the page size. */
  listResourceTemplates(): Promise<ResourceTemplate[]> {
    return listAll(this.#parts.wire, 'resources/templates/list', 'resourceTemplates');
  }

  /** All prompts, whatever the page size. */
  listPrompts(): Promise<Prompt[]> {
    return listAll(this.#parts.wire, 'prompts/list', 'prompts');
  }

  callTool(name: string, args: object = {}, options?: McpRequestOptions): Promise<CallToolResult> {
    return this.#ask('tools/call', { name, arguments: args }, options);
  }

  readResource(uri: string, options?: McpRequestOptions): Promise<ReadResourceResult> {
    return this.#ask('resources/read', { uri }, options);
  }

  getPrompt(
    name: string,
    args: Readonly<Record<string, string>> = {},
    options?: McpRequestOptions,
  ): Promise<GetPromptResult> {
    return this.#ask('prompts/get', { name, arguments: args }, options);
  }

  /** Requests completions of `value` for an argument; `others` are the arguments that are known already. */
  async complete(
    ref: CompletionReference,
    argument: { readonly name: string; readonly value: string },
    others?: Readonly<Record<string, string>>,
  ): Promise<Completion> {
    const params = { ref, argument, ...(others && { context: { arguments: others } }) };
    const { completion } = await this.#ask<{ completion: Completion }>('completion/complete', params);
    return completion;
  }

  /** Asks for log messages of this severity and above. A client begins with all of them (`debug`). */
  setLogLevel(level: McpLogLevel): Promise<void> {
    return this.#parts.wire.setLogLevel(level);
  }

  /** Has updates of a resource told, until the returned function is called. Resolves when the server knows. */
  subscribe(uri: string): Promise<() => Promise<void>> {
    return this.#parts.wire.subscribe(uri);
  }

  /** Sends any request and gives its result as it was sent, after answering what the server asks meanwhile. */
  request(method: string, params: Params = {}, options: McpRequestOptions = {}): Promise<Params> {
    return this.#parts.wire.request(method, params, toRequestOptions(options));
  }

  /** Sends any notification; resolves when it was accepted. */
  notify(method: string, params?: Params): Promise<void> {
    return this.#parts.wire.notify(method, params);
  }

  /**
   * Waits for what arrives on its own: resolves when the condition holds, which is looked at with each message.
   *
   * @throws Error after `timeoutMs` milliseconds, 5000 by default, naming what has arrived
   */
  until(condition: () => boolean, timeoutMs = 5_000): Promise<void> {
    return this.#parts.inbox.until(condition, timeoutMs);
  }

  /** Ends the session, if there is one, and every stream. The application stays as it is. */
  close(): Promise<void> {
    return this.#parts.close();
  }

  /** Closes the client at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #ask<T>(method: string, params: Params, options: McpRequestOptions = {}): Promise<T> {
    return plainResult<T>(await this.#parts.wire.request(method, params, toRequestOptions(options)));
  }
}

function toRequestOptions({ signal, onProgress }: McpRequestOptions): RequestOptions {
  return {
    ...(signal && { signal }),
    ...(onProgress && {
      onNotification: ({ method, params }) => {
        if (method === 'notifications/progress') onProgress(toProgress(params));
      },
    }),
  };
}
