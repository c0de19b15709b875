import { notification, type RequestId } from '../protocol/json-rpc.js';
import type { ProtocolVersion } from '../protocol/protocol-version.js';
import { readMeta, readProgressToken } from '../protocol/request-meta.js';
import { isLogged, LOG_LEVELS, type LogLevel } from '../protocol/types/logging.js';
import { McpContext, type McpClientDescription, type McpLog } from '../registry/mcp-context.js';
import type { Principal } from '../registry/principal.js';
import { McpAdapterMissingError } from './mcp-adapter-missing.error.js';
import type { RequestContext } from './request-context.js';

/** The `McpContext` of one request. Parts that cost something are made when first used. */
export class HandlerContext extends McpContext {
  readonly #call: RequestContext;
  readonly #progressToken: RequestId | undefined;
  #lastProgress = -Infinity;
  #isSettled = false;

  constructor(
    call: RequestContext,
    override readonly args: unknown,
  ) {
    super();
    this.#call = call;
    this.#progressToken = readProgressToken(readMeta(call.request.params));
  }

  override get request() {
    const { id, method, params } = this.#call.request;
    return { id, method, _meta: readMeta(params) };
  }

  override get http() {
    return this.#call.http;
  }

  override get principal(): Principal | undefined {
    return this.#call.principal;
  }

  override get client(): McpClientDescription {
    const { clientInfo: info, clientCapabilities: capabilities } = this.#call;
    return { info, capabilities, supports: (name) => hasPath(capabilities, name) };
  }

  override get protocolVersion(): ProtocolVersion {
    return this.#call.version;
  }

  override get signal(): AbortSignal {
    return this.#call.cancellation.signal;
  }

  override get log(): McpLog {
    const entries = LOG_LEVELS.map((level) => [
      level,
      (data: unknown, logger?: string) => this.#log(level, data, logger),
    ]);
    return Object.fromEntries(entries) as McpLog;
  }

  override async progress(progress: number, total?: number, message?: string): Promise<void> {
    const progressToken = this.#progressToken;
    if (progressToken === undefined || !(progress > this.#lastProgress)) return;
    this.#lastProgress = progress;
    await this.#notify('notifications/progress', { progressToken, progress, total, message });
  }

  override elicit(): Promise<never> {
    return this.#cannotAsk('elicit');
  }

  override sample(): Promise<never> {
    return this.#cannotAsk('sample');
  }

  override listRoots(): Promise<never> {
    return this.#cannotAsk('listRoots');
  }

  /** Called when the handler is done: what it left running can no longer reach the client. */
  settle(): void {
    this.#isSettled = true;
  }

  async #log(level: LogLevel, data: unknown, logger?: string): Promise<void> {
    if (isLogged(level, this.#call.logLevel)) {
      await this.#notify('notifications/message', { level, logger, data: data ?? null });
    }
  }

  async #notify(method: string, params: Record<string, unknown>): Promise<void> {
    if (this.#isSettled || this.#call.cancellation.isCancelled) return;
    await this.#call.outbound.notify(notification(method, params));
  }

  #cannotAsk(method: string): Promise<never> {
    return Promise.reject(
      new McpAdapterMissingError(
        `ctx.${method}() needs somewhere to keep the question until the client answers: ` +
          'give McpModule.forRoot() a sessionAdapter and a clientRequestAdapter ' +
          '(InMemorySessionAdapter and InMemoryClientRequestAdapter for one instance)',
      ),
    );
  }
}

function hasPath(value: unknown, path: string): boolean {
  let current = value;
  for (const key of path.split('.')) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, key)) return false;
    current = (current as Record<string, unknown>)[key];
  }
  return current !== undefined;
}
