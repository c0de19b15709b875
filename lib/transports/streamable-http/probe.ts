import type { Classified } from '../../protocol/classify-request.js';
import { isRequest } from '../../protocol/json-rpc.js';
import { ASSUMED_PROTOCOL_VERSION } from '../../protocol/protocol-version.js';
import type { Call } from '../../calls/call.js';
import { modernCall, statelessCall } from '../../calls/create-call.js';
import type { PostContext } from './post-context.js';

/** The requests of a POST, as far as it takes to decide whether they may be served. */
export function probe(
  context: PostContext,
  classified: Extract<Classified, { kind: 'modern' | 'legacy' }>,
): readonly Call[] {
  if (classified.kind === 'modern') return [modernCall(classified, context.origin())];
  const { version = ASSUMED_PROTOCOL_VERSION, messages } = classified;
  return messages.filter(isRequest).map((request) => statelessCall(request, version, context.origin()));
}
