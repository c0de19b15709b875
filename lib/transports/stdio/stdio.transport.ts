import type { McpLimits } from '../../mcp-limits.js';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { LoggerService } from '@nestjs/common';
import type { BusEvent } from '../../adapters/notification-bus.js';
import type { ClientRequestAdapter } from '../../adapters/client-request.adapter.js';
import type { SessionAdapter } from '../../adapters/session.adapter.js';
import { startWhileUnavailable } from '../../adapters/store/retry.js';
import { modernCall, statelessCall, type CallOrigin } from '../../calls/create-call.js';
import { reportUnexpected } from '../../calls/failure.js';
import { ClientRequests } from '../../conversations/client-requests.js';
import type { ConversationStrategy } from '../../conversations/conversation-strategy.js';
import { PushedAsking } from '../../conversations/pushed-asking.js';
import { classifyMessage, type Classified } from '../../protocol/classify-request.js';
import {
  errorResponse,
  isNotification,
  isObject,
  isRequest,
  isRequestId,
  isResponse,
  type JsonRpcNotification,
  type JsonRpcRequest,
  type RequestId,
} from '../../protocol/json-rpc.js';
import { invalidRequest, type McpError } from '../../protocol/mcp.error.js';
import { ASSUMED_PROTOCOL_VERSION, negotiate } from '../../protocol/protocol-version.js';
import type { ClientCapabilities } from '../../protocol/types/capabilities.js';
import type { McpImplementation } from '../../protocol/types/implementation.js';
import type { Principal } from '../../registry/principal.js';
import { McpServer } from '../../server/mcp.server.js';
import { isChange } from '../../subscriptions/subscription.js';
import type { Subscriptions } from '../../subscriptions/subscriptions.js';
import { InFlight } from '../in-flight.js';
import { createAsking, createSubscriptions, createTasks } from '../streamable-http/modern-services.js';
import type { TaskStrategy } from '../../tasks/task-strategy.js';
import type { TransportStats } from '../streamable-http/transport-stats.js';
import type { ModernOptions, TransportDeps } from '../streamable-http/transport-deps.js';
import { LineSplitter, TOO_LONG, type Line } from './line-splitter.js';
import { LineWriter } from './line-writer.js';
import { PipeRequests, shuttingDown } from './pipe-requests.js';
import { PipeSession } from './pipe-session.js';
import { lineTooLong, readLine } from './read-line.js';

/** How the transport behaves; every field is an option of the module. */
export interface StdioOptions extends ModernOptions {
  readonly limits: Required<McpLimits>;
  readonly keepAliveMs: number;
  readonly shutdownGraceMs: number;
}

/** Dependencies of the transport. What is kept is of use to this pipe alone, and so belongs into memory. */
export interface StdioDeps extends Pick<TransportDeps, 'server' | 'bus' | 'tasks' | 'forms' | 'secrets'> {
  readonly sessionAdapter: SessionAdapter;
  readonly clientRequestAdapter: ClientRequestAdapter;
  /** Principal of the client at the other end. */
  readonly principal: Principal | undefined;
}

/** The two ends of a pipe that are ours. */
export interface Pipe {
  readonly input: Readable;
  readonly output: Writable;
}

/** Most JSON a client may say about itself in `initialize`: it is kept as long as the session. */
const MAX_CLIENT_BYTES = 16 * 1024;

/** The most that a closing server waits for its client to take the last that is said to it. */
const FLUSH_MS = 1_000;

/**
 * Serves one client over a pair of streams: a message a line, in every revision and both eras at once.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/stdio
 */
export class StdioTransport {
  readonly #server: McpServer;
  readonly #writer: LineWriter;
  readonly #inFlight: InFlight;
  readonly #clientRequests: ClientRequests;
  readonly #pushed: PushedAsking;
  readonly #asking: ConversationStrategy;
  readonly #tasks: TaskStrategy | undefined;
  readonly #subscriptions: Subscriptions;
  readonly #requests: PipeRequests;
  readonly #origin: CallOrigin;
  #session: PipeSession | undefined;
  #unsubscribe: (() => Promise<void>) | undefined;
  #closing: Promise<void> | undefined;

  constructor(
    server: McpServer,
    private readonly options: StdioOptions,
    private readonly deps: StdioDeps,
    private readonly pipe: Pipe,
  ) {
    // Sessions are there in any case; and tokens are a matter of HTTP.
    this.#server = new McpServer({ ...server.parts, announcesTo: () => true, permissions: undefined });
    this.#writer = new LineWriter(pipe.output, options.limits.bufferedBytesPerStream);
    this.#inFlight = new InFlight(options.keepAliveMs);
    this.#clientRequests = new ClientRequests(deps.clientRequestAdapter, server.parts.instrumentation);
    this.#pushed = new PushedAsking(this.#clientRequests, deps.forms);
    this.#asking = createAsking(this.#server, options, { ...deps, inFlight: this.#inFlight });
    this.#tasks = createTasks(this.#server, this.#asking, options, deps);
    this.#subscriptions = createSubscriptions(this.#server, options, deps);
    const { handles } = server.parts;
    this.#origin = { principal: deps.principal, http: undefined, outbound: undefined, handles };
    this.#requests = new PipeRequests({
      server: this.#server,
      writer: this.#writer,
      inFlight: this.#inFlight,
      subscriptions: this.#subscriptions,
      origin: this.#origin,
      isClosing: () => this.#closing !== undefined,
    });
  }

  /** Serves until the input ends or the output is gone, then closes. Never rejects once it has begun to read. */
  async serve(): Promise<void> {
    const { input, output } = this.pipe;
    const hangUp = () => void input.destroy();
    output.on('error', hangUp).on('close', hangUp);
    await startWhileUnavailable(async () => {
      this.#unsubscribe ??= await this.deps.bus.subscribe((event) => this.#hear(event));
      await this.#subscriptions.start();
      await this.#tasks?.start();
    });
    try {
      await this.#read(input);
    } catch (error) {
      if (!isPrematureClose(error)) reportUnexpected(error, 'Reading from the client', this.#logger);
    }
    this.#requests.stopAsking(this.deps.clientRequestAdapter);
    await this.close();
  }

  stats(): TransportStats {
    return {
      sessions: this.#session ? 1 : 0,
      streams: 0,
      requests: this.#inFlight.size,
      parkedCalls: this.#asking.parkedCount,
      pendingQuestions: this.#clientRequests.size + this.#asking.questionCount,
      subscriptions: this.#subscriptions.size,
      tasks: this.#tasks?.size ?? 0,
    };
  }

  /** Serves nothing new, lets running requests finish within the grace period, then gives them up. Closes the input. */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    this.pipe.input.destroy();
    try {
      await this.#subscriptions.close();
      this.#asking.close();
      const { shutdownGraceMs } = this.options;
      await Promise.all([this.#inFlight.drain(shutdownGraceMs), this.#tasks?.close(shutdownGraceMs)]);
      await this.#unsubscribe?.();
    } finally {
      await this.#session?.end();
      const done = new AbortController();
      await Promise.race([this.#writer.flushed(), delay(FLUSH_MS, undefined, { signal: done.signal })]);
      done.abort();
    }
  }

  async #read(input: Readable): Promise<void> {
    const lines = new LineSplitter(this.options.limits.bodyBytes);
    for await (const chunk of input) {
      for (const line of lines.push(Buffer.from(chunk as Buffer))) {
        await this.#receive(line);
        // Backpressure: a client that does not read its answers is not read from either.
        await this.#writer.drained;
      }
    }
    const rest = lines.rest();
    if (rest) await this.#receive(rest);
  }

  /** Resolves when the next line may be looked at, which is not when this one is answered. */
  #receive(line: Line): Promise<void> | void {
    if (line === TOO_LONG) return this.#refuse(null, lineTooLong(this.options.limits.bodyBytes));
    const read = readLine(line);
    if (!read) return;
    if ('error' in read) return this.#refuse(null, read.error);
    const classified = classifyMessage(read.value, this.#server.parts.versions, this.#session?.version);
    switch (classified.kind) {
      case 'rejected':
        return expectsAnswer(read.value) ? this.#refuse(classified.id, classified.error) : undefined;
      case 'modern-notification':
        return this.#notified(classified.message);
      case 'modern':
        return this.#serveModern(classified);
      case 'legacy':
        return this.#serveLegacy(classified);
    }
  }

  #serveModern(modern: Extract<Classified, { kind: 'modern' }>): void {
    const create = (origin: CallOrigin) => modernCall(modern, origin, this.#tasks ?? this.#asking);
    if (modern.message.method === 'subscriptions/listen') return this.#requests.listen(create(this.#origin));
    this.#requests.serve([modern.message], (_, origin) => create(origin));
  }

  #serveLegacy({ messages, isBatch }: Extract<Classified, { kind: 'legacy' }>): Promise<void> | void {
    const [first] = messages;
    if (first && isRequest(first) && first.method === 'initialize') return this.#initialize(first);
    for (const message of messages) {
      if (isNotification(message)) this.#notified(message);
      else if (isResponse(message) && this.#session)
        void this.#clientRequests.answer(this.#session.id, message);
    }
    const session = this.#session;
    this.#requests.serve(
      messages.filter(isRequest),
      (request, origin) =>
        session?.call(request, origin) ?? statelessCall(request, ASSUMED_PROTOCOL_VERSION, origin),
      isBatch,
    );
  }

  /** Begins a session; a client that has one begins anew. */
  async #initialize(request: JsonRpcRequest): Promise<void> {
    const { clientInfo, capabilities, protocolVersion } = request.params ?? {};
    if (this.#closing) return this.#refuse(request.id, shuttingDown());
    if (JSON.stringify([clientInfo, capabilities]).length > MAX_CLIENT_BYTES) {
      return this.#refuse(request.id, invalidRequest('The client says too much about itself'));
    }
    // Checked, and refused if need be, where the method is answered.
    const requested = typeof protocolVersion === 'string' ? protocolVersion : '';
    const version = negotiate(requested, this.#server.parts.versions) ?? ASSUMED_PROTOCOL_VERSION;
    const origin = this.#origin;
    const { text, isError } = await this.#server.answer(statelessCall(request, version, origin));
    if (!isError) {
      if (this.#session) this.#requests.cancelOf(this.#session.id, 'The client has begun a new session');
      await this.#session?.end();
      this.#session = await PipeSession.begin(
        {
          protocolVersion: version,
          clientInfo: clientInfo as McpImplementation,
          clientCapabilities: capabilities as ClientCapabilities,
        },
        {
          adapter: this.deps.sessionAdapter,
          asking: this.#pushed,
          writer: this.#writer,
          origin,
          isReadable: (uri, caller) => this.#server.isReadable(uri, caller),
          onError: (error) => reportUnexpected(error, 'A session', this.#logger),
        },
      );
    }
    void this.#writer.send(text);
  }

  get #logger(): LoggerService {
    return this.#server.parts.logger;
  }

  #notified({ method, params }: JsonRpcNotification): void {
    if (method === 'notifications/initialized' && this.#session) this.#session.isReady = true;
    const requestId = params?.['requestId'];
    if (method !== 'notifications/cancelled' || !isRequestId(requestId)) return;
    const { reason } = params ?? {};
    this.#requests.cancel(
      requestId,
      typeof reason === 'string' ? reason : 'The client cancelled the request',
    );
  }

  async #hear(event: BusEvent): Promise<void> {
    if (event.server === this.deps.server && isChange(event)) await this.#session?.announce(event);
  }

  #refuse(id: RequestId | null, error: McpError): void {
    void this.#writer.send(errorResponse(id, error.toJSON()));
  }
}

/** Checks whether a stream failed only because it was closed, at either end. */
function isPrematureClose(error: unknown): boolean {
  return isObject(error) && error['code'] === 'ERR_STREAM_PREMATURE_CLOSE';
}

/** Checks whether a refused message gets an error response. Notifications and responses get none, which prevents loops. */
function expectsAnswer(value: unknown): boolean {
  if (!isObject(value)) return true;
  return 'method' in value ? 'id' in value : !('result' in value || 'error' in value);
}
