import { invalidParams, McpError, McpErrorCode } from '../protocol/mcp.error.js';
import { isObject, type JsonRpcRequest } from '../protocol/json-rpc.js';
import type { Principal } from '../registry/principal.js';
import type { Place } from './relay.js';
import { digest } from '../calls/canonical-json.js';
import type { OnceResults } from '../calls/once-blocks.js';
import type { TraceCarrier } from '../telemetry/instrumentation.js';
import { principalKey } from '../calls/principal-key.js';
import { SealedJson } from '../calls/sealed-json.js';
import type { AnsweredQuestion, AskedQuestion } from '../asking/question.js';

/** The call that a state is good for. */
export interface BoundCall {
  readonly principal: Principal | undefined;
  readonly request: JsonRpcRequest;
}

/** State of a conversation between two requests, carried by the client. */
export interface ConversationState {
  /** Place of the parked call, if there is one. */
  readonly parked?: Place;
  /** The questions that are open, by key. */
  readonly asked: Readonly<Record<string, AskedQuestion>>;
  /** Present where the handler may be run again. */
  readonly answers?: Readonly<Record<string, AnsweredQuestion>>;
  readonly once?: OnceResults;
  /** Number of messages (progress, log) that the handler has sent: the next run does not repeat them. */
  readonly sentCount?: number;
  /** Context of the trace that the request before belongs to. */
  readonly trace?: TraceCarrier;
  /** The handler's own state, if it asks round by round. */
  readonly own?: string;
}

/** Most characters of a state, in either direction. */
const MAX_LENGTH = 64 * 1024;

/**
 * Seals what the client carries: it can neither read nor change it, nor use it for another call, as another principal or
 * after its time.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/mrtr#server-requirements-basic-workflow
 */
export class RequestStates {
  readonly #sealed: SealedJson;

  /** The first secret seals; all of them open. */
  constructor(
    secrets: readonly string[],
    private readonly server: string,
    private readonly ttlMs: number,
  ) {
    this.#sealed = new SealedJson(secrets, 'requestState');
  }

  seal(state: ConversationState, call: BoundCall): string {
    const expiresAt = Date.now() + this.ttlMs;
    const encoded = this.#sealed.seal({ ...state, expiresAt }, this.#binding(call));
    if (encoded.length > MAX_LENGTH) {
      const message = `This call has more to remember than its client can carry: ${encoded.length} of ${MAX_LENGTH} characters`;
      throw new McpError(McpErrorCode.InternalError, message);
    }
    return encoded;
  }

  /** Throws `-32602`, without saying why, for what was not sealed here for this very call. */
  open(sealed: unknown, call: BoundCall): ConversationState {
    const isLegible = typeof sealed === 'string' && sealed.length <= MAX_LENGTH;
    const state = isLegible ? this.#sealed.open(sealed, this.#binding(call)) : undefined;
    if (!isObject(state) || Number(state['expiresAt']) < Date.now()) {
      throw invalidParams('requestState is not valid for this request; call again without it');
    }
    return state as unknown as ConversationState;
  }

  /** Facts of the call that the state is bound to; part of the seal. */
  #binding({ principal, request }: BoundCall): string {
    const { name, uri, arguments: args } = request.params ?? {};
    return JSON.stringify([
      this.server,
      principalKey(principal) ?? null,
      request.method,
      name ?? null,
      uri ?? null,
      digest(args),
    ]);
  }
}
