import type { Classified } from '../../protocol/classify-request.js';
import { isRequest } from '../../protocol/json-rpc.js';
import { ASSUMED_PROTOCOL_VERSION } from '../../protocol/protocol-version.js';
import type { Call } from '../../calls/call.js';
import { modernCall, statelessCall, type CallOrigin } from '../../calls/create-call.js';

/** Makes calls of the requests of a POST, as far as it takes to decide whether they may be served. */
export function probe(
  classified: Extract<Classified, { kind: 'modern' | 'legacy' }>,
  origin: () => CallOrigin,
): readonly Call[] {
  if (classified.kind === 'modern') return [modernCall(classified, origin())];
  const { version = ASSUMED_PROTOCOL_VERSION, messages } = classified;
  return messages.filter(isRequest).map((request) => statelessCall(request, version, origin()));
}
