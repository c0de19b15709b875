import type { Classified } from '../../protocol/classify-request.js';
import { isRequest } from '../../protocol/json-rpc.js';
import { modernEra } from '../../protocol/modern.era.js';
import { ASSUMED_PROTOCOL_VERSION } from '../../protocol/protocol-version.js';
import type { RequestContext } from '../../server/request-context.js';
import { statelessCall } from './legacy.endpoint.js';
import { NOWHERE, type PostContext } from './post-context.js';

/** The requests of a POST, as far as it takes to decide whether they may be served. */
export function probe(
  context: PostContext,
  classified: Extract<Classified, { kind: 'modern' | 'legacy' }>,
): readonly RequestContext[] {
  const { version = ASSUMED_PROTOCOL_VERSION } = classified;
  const toCall = (request: Parameters<typeof statelessCall>[0]) =>
    statelessCall(request, version, context.common(NOWHERE));
  if (classified.kind === 'legacy') return classified.messages.filter(isRequest).map(toCall);
  const { clientInfo, clientCapabilities } = classified.meta;
  return [{ ...toCall(classified.message), era: modernEra, clientInfo, clientCapabilities }];
}
