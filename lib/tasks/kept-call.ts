import type { Call } from '../calls/call.js';
import type { SealedJson } from '../calls/sealed-json.js';
import { isObject, type JsonRpcRequest } from '../protocol/json-rpc.js';
import type { ProtocolVersion } from '../protocol/protocol-version.js';
import type { ClientCapabilities } from '../protocol/types/capabilities.js';
import type { McpImplementation } from '../protocol/types/implementation.js';
import type { Principal } from '../registry/principal.js';

/** The tool call of a task, as stored. Readable by any reader of the store, except for the sealed part. */
export interface KeptCall {
  readonly tool: string;
  readonly clientCapabilities: ClientCapabilities;
  /** The whole call, where another instance may have to run it again. */
  readonly sealed?: string;
}

/** Facts of a call that outlive its request. */
export interface CallMemory {
  readonly version: ProtocolVersion;
  readonly request: JsonRpcRequest;
  readonly clientInfo: McpImplementation | undefined;
  readonly clientCapabilities: ClientCapabilities;
  readonly principal: Principal | undefined;
  /** State of a handler that asks round by round. */
  readonly own: string | undefined;
}

export function keptCall(call: Call, sealed?: string): KeptCall {
  const { clientCapabilities, request } = call;
  const tool = String(request.params?.['name']);
  return { tool, clientCapabilities, ...(sealed !== undefined && { sealed }) };
}

/** Seals all that a run at another instance needs of a call. Good for one task only. */
export function sealCall(call: Call, seal: SealedJson, binding: string): string {
  const { version, request, clientInfo, clientCapabilities, principal, earlier } = call;
  const memory = { version, request, clientInfo, clientCapabilities, principal, own: earlier?.own };
  return seal.seal(memory satisfies CallMemory, binding);
}

/** `undefined` for what was not sealed with one of the secrets, for this task. */
export function openCall(kept: unknown, seal: SealedJson, binding: string): CallMemory | undefined {
  const sealed = isObject(kept) ? kept['sealed'] : undefined;
  return typeof sealed === 'string' ? (seal.open(sealed, binding) as CallMemory | undefined) : undefined;
}
