import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { invalidParams, McpError, McpErrorCode } from '../protocol/mcp.error.js';
import type { JsonRpcRequest } from '../protocol/json-rpc.js';
import type { Principal } from '../registry/principal.js';
import type { Place } from './relay.js';
import { digest } from '../calls/canonical-json.js';
import type { OnceResults } from '../calls/once-blocks.js';
import type { TraceCarrier } from '../telemetry/instrumentation.js';
import { principalKey } from '../calls/principal-key.js';
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
  /** How many messages (progress, log) the handler has sent: the next run does not repeat them. */
  readonly sentCount?: number;
  /** Context of the trace that the request before belongs to. */
  readonly trace?: TraceCarrier;
  /** The handler's own state, if it asks round by round. */
  readonly own?: string;
}

/** Most characters of a state, in either direction. */
const MAX_LENGTH = 64 * 1024;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Seals what the client carries: it can neither read nor change it, nor use it for another call, as another principal or
 * after its time.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/mrtr#server-requirements-basic-workflow
 */
export class RequestStates {
  readonly #keys: readonly Buffer[];

  /** The first secret seals; all of them open. */
  constructor(
    secrets: readonly string[],
    private readonly server: string,
    private readonly ttlMs: number,
  ) {
    this.#keys = secrets.map((secret) => createHash('sha256').update(`mcp requestState\0${secret}`).digest());
  }

  seal(state: ConversationState, call: BoundCall): string {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#keys[0] as Buffer, iv).setAAD(this.#binding(call));
    const text = JSON.stringify({ ...state, expiresAt: Date.now() + this.ttlMs });
    const sealed = Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    const encoded = sealed.toString('base64url');
    if (encoded.length > MAX_LENGTH) {
      const message = `This call has more to remember than its client can carry: ${encoded.length} of ${MAX_LENGTH} characters`;
      throw new McpError(McpErrorCode.InternalError, message);
    }
    return encoded;
  }

  /** Throws `-32602`, without saying why, for what was not sealed here for this very call. */
  open(sealed: unknown, call: BoundCall): ConversationState {
    const state =
      typeof sealed === 'string' && sealed.length <= MAX_LENGTH ? this.#decrypt(sealed, call) : undefined;
    if (!state || state.expiresAt < Date.now()) {
      throw invalidParams('requestState is not valid for this request; call again without it');
    }
    return state;
  }

  #decrypt(encoded: string, call: BoundCall): (ConversationState & { expiresAt: number }) | undefined {
    const sealed = Buffer.from(encoded, 'base64url');
    // Node skips what is no base64url, and would so accept text that was tampered with.
    if (sealed.length <= IV_BYTES + TAG_BYTES || sealed.toString('base64url') !== encoded) return undefined;
    for (const key of this.#keys) {
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, IV_BYTES))
          .setAAD(this.#binding(call))
          .setAuthTag(sealed.subarray(-TAG_BYTES));
        const text = Buffer.concat([
          decipher.update(sealed.subarray(IV_BYTES, -TAG_BYTES)),
          decipher.final(),
        ]);
        return JSON.parse(text.toString('utf8')) as ConversationState & { expiresAt: number };
      } catch {
        continue;
      }
    }
    return undefined;
  }

  /** What the state is good for; part of the seal. */
  #binding({ principal, request }: BoundCall): Buffer {
    const { name, uri, arguments: args } = request.params ?? {};
    return Buffer.from(
      JSON.stringify([
        this.server,
        principalKey(principal) ?? null,
        request.method,
        name ?? null,
        uri ?? null,
        digest(args),
      ]),
    );
  }
}
