import type { SessionMeta } from '../adapters/session.adapter.js';
import type { Classified } from '../protocol/classify-request.js';
import { isRequest, type JsonRpcRequest } from '../protocol/json-rpc.js';
import { legacyEra } from '../protocol/legacy.era.js';
import { modernEra } from '../protocol/modern.era.js';
import { ASSUMED_PROTOCOL_VERSION, type ProtocolVersion } from '../protocol/protocol-version.js';
import type { ModernMeta } from '../protocol/request-meta.js';
import { Call, type AskingStrategy, type CallFacts } from './call.js';
import type { SessionState } from './session-state.js';

/** Facts of a request that only its transport knows. */
export type CallOrigin = Pick<CallFacts, 'principal' | 'http' | 'outbound' | 'handles'>;

/** Request of a modern client, which says everything about itself. */
export interface ModernRequest {
  readonly version: ProtocolVersion;
  readonly message: JsonRpcRequest;
  readonly meta: ModernMeta;
}

/** @see https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/mrtr#supported-requests */
const ASKING_METHODS: ReadonlySet<string> = new Set(['tools/call', 'prompts/get', 'resources/read']);

/** Makes the call of a legacy client of which nothing is known but the request. */
export function statelessCall(
  request: JsonRpcRequest,
  version: ProtocolVersion,
  { principal, http, outbound, handles }: CallOrigin,
): Call {
  return new Call({
    era: legacyEra,
    version,
    request,
    clientInfo: undefined,
    clientCapabilities: {},
    principal,
    http,
    outbound,
    handles,
  });
}

/** Makes the call of a modern client. */
export function modernCall(
  { version, message, meta }: ModernRequest,
  { principal, http, outbound, handles }: CallOrigin,
  strategy?: AskingStrategy,
  refuseTool?: CallFacts['refuseTool'],
): Call {
  const { logLevel } = meta;
  return new Call({
    era: modernEra,
    version,
    request: message,
    clientInfo: meta.clientInfo,
    clientCapabilities: meta.clientCapabilities,
    principal,
    http,
    outbound,
    handles,
    logLevel: logLevel && (() => logLevel),
    strategy: ASKING_METHODS.has(message.method) ? strategy : undefined,
    refuseTool,
  });
}

/** Makes the call of a client that has a session. */
export function sessionCall(
  request: JsonRpcRequest,
  session: { readonly meta: SessionMeta; readonly state: SessionState },
  { principal, http, outbound, handles }: CallOrigin,
  strategy: AskingStrategy | undefined,
): Call {
  const { meta, state } = session;
  return new Call({
    era: legacyEra,
    version: meta.protocolVersion as ProtocolVersion,
    request,
    clientInfo: meta.clientInfo,
    clientCapabilities: meta.clientCapabilities ?? {},
    principal,
    http,
    outbound,
    handles,
    session: state,
    logLevel: () => state.logLevel(),
    strategy,
  });
}

/** Makes calls of the requests of a POST, as far as it takes to decide whether they may be served. */
export function callsOf(
  classified: Extract<Classified, { kind: 'modern' | 'legacy' }>,
  origin: () => CallOrigin,
): readonly Call[] {
  if (classified.kind === 'modern') return [modernCall(classified, origin())];
  const { version = ASSUMED_PROTOCOL_VERSION, messages } = classified;
  return messages.filter(isRequest).map((request) => statelessCall(request, version, origin()));
}
