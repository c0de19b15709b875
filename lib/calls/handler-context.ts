import { notification } from '../protocol/json-rpc.js';
import type { ProtocolVersion } from '../protocol/protocol-version.js';
import { readMeta } from '../protocol/request-meta.js';
import type { ClientCapabilities } from '../protocol/types/capabilities.js';
import { isLogged, LOG_LEVELS, type McpLogLevel } from '../protocol/types/logging.js';
import type { ElicitResult } from '../protocol/types/elicitation.js';
import type { McpRoot } from '../protocol/types/roots.js';
import type { CreateMessageParams, CreateMessageResult } from '../protocol/types/sampling.js';
import {
  McpContext,
  type AskOptions,
  type ElicitOptions,
  type McpClientDescription,
  type McpLog,
  type OnceOptions,
} from '../registry/mcp-context.js';
import type { McpHandles } from '../registry/mcp-handles.js';
import type { McpSession } from '../registry/mcp-session.js';
import type { McpTask } from '../registry/mcp-task.js';
import type { Principal } from '../registry/principal.js';
import { elicit, listRoots, sample, type Respondent } from '../asking/asking.js';
import { McpAdapterMissingError } from './mcp-adapter-missing.error.js';
import { assertGiven } from '../asking/misuse.js';
import { OnceBlocks } from './once-blocks.js';
import { QuestionKeys } from '../asking/question.js';
import type { Admission, Call } from './call.js';
import type { CallHttp } from './call-response.js';
import { McpSessionUnavailableError } from './session-unavailable.error.js';

/** The `McpContext` of one request. Parts that cost something are made when first used. */
export class HandlerContext extends McpContext {
  readonly #call: Call;
  readonly #isReporting: boolean;
  #blocks: OnceBlocks | undefined;
  #keys: QuestionKeys | undefined;
  #lastProgress = -Infinity;
  #isSettled = false;
  /** Messages on their way. */
  #unsaid = 0;
  #onSaid: (() => void) | undefined;
  #lookup: Promise<unknown> | undefined;

  /** Without `isReporting` nothing is reported as progress, nor is the token for it checked. */
  constructor(
    call: Call,
    override readonly args: unknown,
    { isReporting = true }: { readonly isReporting?: boolean } = {},
  ) {
    super();
    this.#call = call;
    this.#isReporting = isReporting;
    // A malformed token is the client's error, before anything is run.
    if (isReporting) call.progressToken();
  }

  override get request() {
    const { id, method, params } = this.#call.request;
    return { id, method, _meta: readMeta(params) };
  }

  override get http(): CallHttp | undefined {
    return this.#call.http;
  }

  override get principal(): Principal | undefined {
    return this.#call.principal;
  }

  override get client(): McpClientDescription {
    const { clientInfo: info, clientCapabilities: capabilities } = this.#call;
    return { info, capabilities, supports: (name) => isDeclared(capabilities, name) };
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
      (data: unknown, logger?: string) => said(() => this.#log(level, data, logger)),
    ]);
    return Object.fromEntries(entries) as McpLog;
  }

  override progress(progress: number, total?: number, message?: string): Promise<void> {
    return said(() => this.#progress(progress, total, message));
  }

  #progress(progress: number, total?: number, message?: string): Promise<void> | void {
    if (typeof progress !== 'number') assertGiven('progress', { progress }, { progress: 'a number' });
    if (!this.#isReporting || this.#isSettled || !(progress > this.#lastProgress) || progress === Infinity)
      return;
    this.#lastProgress = progress;
    // JSON knows no other numbers: a total that is unknown is left out.
    const reported = { progress, total: Number.isFinite(total) ? total : undefined, message };
    this.#call.latestProgress = reported;
    if (this.#call.wasSentBefore()) return;
    return this.#say(() => {
      const progressToken = this.#call.listener?.progressToken();
      if (progressToken === undefined) return;
      const { total } = reported;
      return this.#notify('notifications/progress', { progressToken, progress, total, message });
    });
  }

  override get task(): McpTask | undefined {
    return this.#call.task;
  }

  /** Step between the guards of the handler and the rest of it. */
  get admission(): Admission | undefined {
    return this.#call.admission;
  }

  override get session(): McpSession {
    const { session } = this.#call;
    if (session) return session;
    throw new McpSessionUnavailableError(
      'ctx.session: this request belongs to no session. Requests of 2026-07-28 never do, and others only where ' +
        'McpModule has a sessionAdapter. Keep the value with ctx.handles() and take its id as an argument of the next call',
    );
  }

  override handles<T>(kind: string): McpHandles<T> {
    return this.#call.handles.of<T>(kind, this.#call);
  }

  override elicit(options: ElicitOptions): Promise<ElicitResult<never>> {
    return this.#asked('elicit', (respondent) => elicit(respondent, options)) as Promise<ElicitResult<never>>;
  }

  override sample(options: CreateMessageParams & AskOptions): Promise<CreateMessageResult> {
    return this.#asked('sample', (respondent) => sample(respondent, options));
  }

  override listRoots(options: AskOptions = {}): Promise<readonly McpRoot[]> {
    return this.#asked('listRoots', (respondent) => listRoots(respondent, options));
  }

  override async closeStream({ retryMs = 1000 }: { readonly retryMs?: number } = {}): Promise<void> {
    if (!this.#isSettled) await this.#call.listener?.outbound?.closeStream(retryMs);
  }

  override async once<T>(
    key: string,
    work: () => T | Promise<T>,
    { retry = false }: OnceOptions = {},
  ): Promise<T> {
    assertGiven('once', { key, work }, { key: 'a string', work: 'a function' });
    return this.#once.run(key, work, retry);
  }

  override get inputResponses(): Readonly<Record<string, unknown>> | undefined {
    const { strategy, request } = this.#call;
    if (!strategy?.mayReplay) return undefined;
    return request.params?.['inputResponses'] as Readonly<Record<string, unknown>> | undefined;
  }

  override get requestState(): string | undefined {
    return this.#call.earlier?.own;
  }

  /**
   * Called when the handler is done: what it left running can no longer reach the client. Resolves when all that it has
   * said is on its way, awaited or not.
   */
  settle(): Promise<void> | undefined {
    this.#isSettled = true;
    return this.#unsaid > 0 ? new Promise<void>((resolve) => (this.#onSaid = resolve)) : undefined;
  }

  get #once(): OnceBlocks {
    const { strategy } = this.#call;
    return (this.#blocks ??= strategy?.mayReplay ? this.#call.onceBlocks : new OnceBlocks());
  }

  #log(level: McpLogLevel, data: unknown, logger?: string): Promise<void> | void {
    if (this.#isSettled || this.#call.wasSentBefore()) return;
    const send = (threshold: McpLogLevel | undefined) => {
      if (isLogged(level, threshold))
        return this.#notify('notifications/message', { level, logger, data: data ?? null });
    };
    const wanted = this.#call.listener?.logLevel();
    if (typeof wanted !== 'object') return this.#say(() => send(wanted));
    const lookup = Promise.all([wanted, this.#lookup]);
    const said = this.#count(lookup.then(([threshold]) => send(threshold)));
    const done = lookup.then(
      () => {},
      () => {},
    );
    this.#lookup = done;
    void done.then(() => {
      if (this.#lookup === done) this.#lookup = undefined;
    });
    return said;
  }

  /** Sends messages in order: each waits for a lookup that an earlier one has begun. */
  #say(message: () => Promise<unknown> | void): Promise<void> | void {
    const saying = this.#lookup ? this.#lookup.then(message) : message();
    return saying && this.#count(saying);
  }

  async #count(saying: Promise<unknown>): Promise<void> {
    this.#unsaid++;
    try {
      await saying;
    } finally {
      if (--this.#unsaid === 0) this.#onSaid?.();
    }
  }

  /** Gives nothing where the message is on its way at once, as most are. */
  #notify(method: string, params: Record<string, unknown>): Promise<unknown> | void {
    if (this.#call.cancellation.isCancelled) return;
    const sending = this.#call.listener?.outbound?.send(notification(method, params));
    if (typeof sending === 'object') return sending;
  }

  async #asked<T>(method: string, question: (respondent: Respondent) => Promise<T>): Promise<T> {
    const { era, clientCapabilities, asking } = this.#call;
    if (asking) {
      if (this.#blocks?.isInside) {
        throw new TypeError(
          `ctx.${method}() inside of ctx.once(): ask outside, as a block runs once and questions may not`,
        );
      }
      const keys = (this.#keys ??= new QuestionKeys());
      return question({
        era,
        clientCapabilities,
        resolve: (form) => asking.resolve(form),
        nameQuestion: (kind, chosen) => keys.take(kind, chosen),
        ask: (asked) => {
          if (this.#isSettled) throw new Error(`ctx.${method}(): the call is over`);
          return asking.ask(asked);
        },
      });
    }
    throw new McpAdapterMissingError(
      `ctx.${method}() needs somewhere to keep the question until the client answers: ` +
        'give McpModule.forRoot() a store (new MemoryStore() for one instance), or a sessionAdapter and a ' +
        'clientRequestAdapter (InMemorySessionAdapter and InMemoryClientRequestAdapter)',
    );
  }
}

/** Runs a notification. Its rejection is marked as handled: handlers need not await it, and it must not end the process. */
function said(say: () => Promise<void> | void): Promise<void> {
  let saying;
  try {
    saying = say();
  } catch (error) {
    const reason = error as Error;
    saying = Promise.reject<void>(reason);
  }
  saying?.catch(() => {});
  return saying ?? Promise.resolve();
}

function isDeclared(capabilities: ClientCapabilities, name: string): boolean {
  // By the specification `elicitation: {}` stands for forms.
  const isImplied = name === 'elicitation.form' && !hasPath(capabilities, 'elicitation.url');
  return hasPath(capabilities, isImplied ? 'elicitation' : name);
}

function hasPath(value: unknown, path: string): boolean {
  let current = value;
  for (const key of path.split('.')) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, key)) return false;
    current = (current as Record<string, unknown>)[key];
  }
  return current !== undefined;
}
