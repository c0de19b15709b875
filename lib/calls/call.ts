import type { Era } from '../protocol/era.js';
import type {
  JsonRpcErrorObject,
  JsonRpcNotification,
  JsonRpcRequest,
  RequestId,
} from '../protocol/json-rpc.js';
import type { McpError } from '../protocol/mcp.error.js';
import type { ProtocolVersion } from '../protocol/protocol-version.js';
import { readMeta, readProgressToken } from '../protocol/request-meta.js';
import type { ClientCapabilities } from '../protocol/types/capabilities.js';
import type { McpImplementation } from '../protocol/types/implementation.js';
import type { McpLogLevel } from '../protocol/types/logging.js';
import type { ToolEntry } from '../registry/entries.js';
import type { McpHandles } from '../registry/mcp-handles.js';
import type { McpTask } from '../registry/mcp-task.js';
import type { Principal } from '../registry/principal.js';
import type { Schema } from '../schema/schema.js';
import type { SchemaSource } from '../schema/schema-source.js';
import type { CallHttp } from './call-response.js';
import { Cancellation } from './cancellation.js';
import { OnceBlocks, type OnceResults } from './once-blocks.js';
import type { AnsweredQuestion, Question } from '../asking/question.js';
import type { SessionState } from './session-state.js';

/**
 * Serves one JSON-RPC method: returns the result, or its JSON text where that is kept ready.
 * Throws an `McpError` for what the client did wrong.
 */
export type Method = (call: Call) => object | string | Promise<object | string>;

/** Takes messages that belong to a request and come before its answer. */
export interface Outbound {
  /** True once something has been sent, which fixes the status of the answer. */
  readonly hasBegun?: boolean;

  /**
   * Gives `true` when the message is on its way and there is room for the next, `false` if the client cannot receive it.
   * May throw as well as reject.
   */
  send(message: JsonRpcNotification | JsonRpcRequest): Promise<boolean> | boolean;

  /** Ends the connection but not the request, where the client can come back for the rest. Else does nothing. */
  closeStream(retryMs: number): Promise<void>;
}

/** Receiver of what a handler says before its result: a request that waits, here or at another instance, or a record. */
export interface CallListener {
  /** Token that the client wants progress reported under; `undefined` for no reports. Throws `-32602` if malformed. */
  progressToken(): RequestId | undefined;
  /** Least severe log level that the client wants; `undefined` for none at all. */
  logLevel(): McpLogLevel | undefined | Promise<McpLogLevel | undefined>;
  /** `undefined` where nothing can be said before the answer. */
  readonly outbound: Outbound | undefined;
}

/** Answer to a request of a call: the JSON of a result (final, or one that asks the client), or an error. */
export type Outcome =
  | { readonly result: string }
  | {
      readonly error: JsonRpcErrorObject;
      /** Set if a retry of the same request may succeed soon. */
      readonly isRetryable?: true;
    };

/** Answers one request. Of several outcomes the first counts. */
export type Settle = (outcome: Outcome) => void | Promise<void>;

/** Traces of earlier runs of a handler that a new run goes on from. */
export interface EarlierRuns {
  /** Answers of the client, by the key of their question. */
  readonly answers: Readonly<Record<string, AnsweredQuestion>>;
  /** Results of `ctx.once()`, by key. */
  readonly once: OnceResults;
  /** Number of messages (progress, log) that the client has been sent already. */
  readonly sentCount: number;
  /** State of a handler that asks round by round. */
  readonly own: string | undefined;
}

/** Way of one call to ask its client. */
export interface Asking {
  /**
   * Resolves with the `result` of the client's answer, however and whenever that arrives: on the connection of the call, with
   * a later request at any instance, or as an input of a task.
   *
   * @throws ClientRequestTimeoutError, McpClientAnswerError, or the reason of the call's cancellation.
   */
  ask(question: Question): Promise<unknown>;

  /** Prepares the form of a question. Questions that are put meanwhile leave together with it. */
  resolve(form: SchemaSource): Promise<Schema>;

  /** True once a question has been put to the client, or an answer been used. */
  readonly hasAsked: boolean;

  /** Answers of the client so far, by the key of their question. */
  readonly answers?: Readonly<Record<string, AnsweredQuestion>>;

  /** Way that this one begins with, where it changes to another. */
  readonly inner?: Asking | undefined;
}

/**
 * Ways for calls to ask their clients: pushed (a request on a stream, answered by a later message), parked (the handler waits,
 * the client comes back with the answer), replayed (the handler runs again with the answer).
 *
 * A strategy decides what answers a request. It may answer before the handler has come to its end, let the handler run on
 * with no connection, and attach another listener to the call (`Call.attach`), which turns progress into whatever it keeps.
 */
export interface AskingStrategy {
  /** True if a handler may be replayed for the same call: results of `ctx.once()` are then kept with the call. */
  readonly mayReplay: boolean;

  /** Runs the method of a call. Gives the result, or JSON that asks the client. */
  answer(call: Call, method: Method): ReturnType<Method>;

  /** Called at the first question of a call. */
  open(call: Call): Asking;
}

/** Moment between the guards of a handler and the rest of it. */
export interface Admission {
  /** True if an earlier run was admitted: the caller is not authorized again. */
  readonly isOver: boolean;
  /** Called once the call has been let in, before anything else of the handler runs. */
  enter(): Promise<void> | void;
}

/** Gives the handles of one kind, as the caller of a request has them. */
export interface HandleSource {
  of<T>(kind: string, call: Pick<Call, 'principal' | 'http'>): McpHandles<T>;
}

/** Progress as a handler reports it. */
export interface Progress {
  readonly progress: number;
  readonly total?: number | undefined;
  readonly message?: string | undefined;
}

/** Facts of a request as its endpoint knows them. */
export interface CallFacts {
  readonly era: Era;
  readonly version: ProtocolVersion;
  readonly request: JsonRpcRequest;
  readonly clientInfo: McpImplementation | undefined;
  readonly clientCapabilities: ClientCapabilities;
  readonly principal: Principal | undefined;
  readonly http: CallHttp | undefined;
  readonly outbound: Outbound | undefined;
  readonly handles: HandleSource;
  readonly session?: SessionState;
  /** Absent where the client asks for no log. */
  readonly logLevel?: CallListener['logLevel'] | undefined;
  /** Absent where the server is not configured to ask, or the method cannot. */
  readonly strategy?: AskingStrategy | undefined;
  /** Objection of the transport to the use of a tool, raised once the caller is known to be allowed to know of it. */
  readonly refuseTool?: ((entry: ToolEntry) => McpError | undefined) | undefined;
}

/** One request being served, from its arrival to the end of its handler, whichever request hears of it meanwhile. */
export class Call implements CallListener {
  readonly era: Era;
  readonly version: ProtocolVersion;
  /** Replaced by the request with the answers, where a handler asks round by round and the client does not call again. */
  request: JsonRpcRequest;
  readonly clientInfo: McpImplementation | undefined;
  readonly clientCapabilities: ClientCapabilities;
  readonly principal: Principal | undefined;
  readonly http: CallFacts['http'];
  readonly outbound: Outbound | undefined;
  readonly handles: HandleSource;
  readonly session: SessionState | undefined;
  readonly strategy: AskingStrategy | undefined;
  readonly refuseTool: CallFacts['refuseTool'];
  readonly cancellation = new Cancellation();
  /** Set, before the handler runs, for one that has run before. */
  earlier: EarlierRuns | undefined;
  /** Set, before the handler runs, where something happens between its guards and the rest of it. */
  admission: Admission | undefined;
  /** The task that the call is now; `undefined` as long as it is none. */
  task: McpTask | undefined;
  /** Newest progress that the handler has reported, whether its client wanted to know or not. */
  latestProgress: Progress | undefined;
  /** Set once the task is handed over, to be completed from outside: the handler's return value is then no result. */
  isHandedOver = false;
  readonly #logLevel: CallFacts['logLevel'];
  #listener: CallListener | undefined = this;
  #settle: Settle | undefined;
  #asking: Asking | undefined;
  #onceBlocks: OnceBlocks | undefined;
  #sentCount = 0;

  // Fields are named one by one: spreading costs a third of a small call.
  constructor(facts: CallFacts) {
    this.era = facts.era;
    this.version = facts.version;
    this.request = facts.request;
    this.clientInfo = facts.clientInfo;
    this.clientCapabilities = facts.clientCapabilities;
    this.principal = facts.principal;
    this.http = facts.http;
    this.outbound = facts.outbound;
    this.handles = facts.handles;
    this.session = facts.session;
    this.strategy = facts.strategy;
    this.refuseTool = facts.refuseTool;
    this.#logLevel = facts.logLevel;
  }

  progressToken(): RequestId | undefined {
    return readProgressToken(readMeta(this.request.params));
  }

  logLevel(): McpLogLevel | undefined | Promise<McpLogLevel | undefined> {
    return this.#logLevel?.();
  }

  /** Receiver of messages now; `undefined` between one request of a conversation and the next. */
  get listener(): CallListener | undefined {
    return this.#listener;
  }

  /** Makes a request the one that hears of the call, up to the outcome it is settled with. */
  attach(listener: CallListener, settle: Settle): void {
    this.#listener = listener;
    this.#settle = settle;
  }

  /** True while an attached request waits for an outcome. */
  get isHeard(): boolean {
    return this.#settle !== undefined;
  }

  /** Answers the attached request, which hears of nothing else; does nothing where there is none. */
  settle(outcome: Outcome): void {
    const settle = this.#settle;
    this.#settle = undefined;
    this.#listener = undefined;
    void settle?.(outcome);
  }

  /** Way of the handler to ask its client, made at the first question; `undefined` where there is none. */
  get asking(): Asking | undefined {
    return (this.#asking ??= this.strategy?.open(this));
  }

  /** `undefined` as long as nothing has been asked. */
  get openAsking(): Asking | undefined {
    return this.#asking;
  }

  /** Blocks of `ctx.once()` whose results a later run would find. */
  get onceBlocks(): OnceBlocks {
    return (this.#onceBlocks ??= new OnceBlocks(this.earlier?.once));
  }

  /** Number of messages the client has been sent, in this run of the handler or an earlier one. */
  get sentCount(): number {
    return Math.max(this.#sentCount, this.earlier?.sentCount ?? 0);
  }

  /** Counts a message of the handler. @returns whether an earlier run has sent it */
  wasSentBefore(): boolean {
    return ++this.#sentCount <= (this.earlier?.sentCount ?? 0);
  }

  /** True if the result may depend on answers of the client, and not on the request alone. */
  get isConversation(): boolean {
    const { answers = {}, own } = this.earlier ?? {};
    return own !== undefined || Object.keys(answers).length > 0 || this.#asking?.hasAsked === true;
  }
}
