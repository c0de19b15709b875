import type { LoggerService } from '@nestjs/common';
import { errorResponse, resultResponse } from '../protocol/json-rpc.js';
import { methodNotFound } from '../protocol/mcp.error.js';
import type { HeaderValue } from '../calls/call-response.js';
import { CallLog } from './call-log.js';
import { denialOf, type Denial } from './denial.js';
import { isRetryable, toMcpError } from '../calls/failure.js';
import { createMethods } from './methods/index.js';
import { isReadable } from './methods/resources.methods.js';
import type { Call, Method } from '../calls/call.js';
import { createLists, type ServerLists } from './server-lists.js';
import type { ServerParts } from './server-parts.js';
import type { ObservedRequest } from '../telemetry/instrumentation.js';

/** The text of a JSON-RPC response and the HTTP status that goes with it. */
export interface Answer {
  readonly text: string;
  readonly status: number;
  readonly isError: boolean;
  /** Set by guards, interceptors and filters; sent where the answer is a response of its own. */
  readonly headers?: Readonly<Record<string, HeaderValue>>;
}

/** The protocol engine: one request in, one response out. Knows no HTTP and keeps nothing between requests. */
export class McpServer {
  readonly #methods: ReadonlyMap<string, Method>;
  readonly #lists: ServerLists;
  readonly #logger: LoggerService;
  readonly #calls: CallLog;

  constructor(readonly parts: ServerParts) {
    this.#lists = createLists(parts);
    this.#methods = createMethods(parts, this.#lists);
    this.#logger = parts.logger;
    this.#calls = new CallLog(parts.logger);
  }

  /** Never rejects: every failure becomes an error response, whatever was thrown. */
  answer(call: Call): Promise<Answer> {
    const { instrumentation } = this.parts;
    if (!instrumentation) return this.#answerAndLog(call);
    return instrumentation.answer(observed(call), () => this.#answerAndLog(call));
  }

  #answerAndLog(call: Call): Promise<Answer> {
    const log = this.#calls.begin(call);
    const answering = this.#answer(call);
    if (!log) return answering;
    return answering.then((answer) => {
      log(answer);
      return answer;
    });
  }

  async #answer(call: Call): Promise<Answer> {
    const { era, request } = call;
    try {
      const method = era.methods.has(request.method) ? this.#methods.get(request.method) : undefined;
      if (!method) throw methodNotFound(request.method);
      const result = await Promise.resolve(call.strategy ? call.strategy.answer(call, method) : method(call));
      const json = typeof result === 'string' ? result : JSON.stringify(result);
      return { text: resultResponse(request.id, json), status: 200, isError: false };
    } catch (thrown) {
      const error = toMcpError(thrown, request.method, this.#logger);
      return {
        text: errorResponse(request.id, error.toJSON()),
        status: isRetryable(thrown) ? 503 : era.statusOf(error.code),
        isError: true,
      };
    }
  }

  /** Reason to deny the caller the primitive of a request; `undefined` if there is none. */
  async denial(call: Call): Promise<Denial | undefined> {
    const { registry, permissions } = this.parts;
    return permissions && denialOf(call, registry, this.#lists, permissions);
  }

  /** Checks whether the caller of a request could read a resource. */
  isReadable(uri: string, call: Call): Promise<boolean> {
    return isReadable(uri, call, this.parts, this.#lists);
  }
}

function observed({ era, request, version, session, http }: Call): ObservedRequest {
  return {
    // Clients can make up methods without end.
    method: era.methods.has(request.method) ? request.method : '_OTHER',
    id: request.id,
    params: request.params,
    protocolVersion: version,
    sessionId: session?.id,
    transport: http ? 'tcp' : 'pipe',
    http: http?.request,
  };
}
