import { Conversations } from '../../server/conversations.js';
import { reportUnexpected, toMcpError } from '../../server/failure.js';
import type { McpServer } from '../../server/mcp.server.js';
import type { RequestContext } from '../../server/request-context.js';
import { RequestStates } from '../../server/request-state.js';
import { ListenEndpoint } from './listen.endpoint.js';
import type { InFlight } from './in-flight.js';
import type { ModernServices } from './modern.endpoint.js';
import type { OpenStreams } from './open-streams.js';
import type { ModernOptions, TransportSeams } from './transport-seams.js';

/** Puts together what the modern era is served with. */
export function createModernServices(
  server: McpServer,
  { maxParkedCalls, parkTimeoutMs, maxSubscriptions }: ModernOptions,
  seams: TransportSeams & { readonly openStreams: OpenStreams; readonly inFlight: InFlight },
): ModernServices {
  const { serverInfo, logger } = server.parts;
  const name = seams.server;
  return {
    conversations: new Conversations({
      adapter: seams.clientRequestAdapter,
      states: new RequestStates(seams.secrets, JSON.stringify([serverInfo.name, name]), parkTimeoutMs),
      serverInfo,
      resolve: (form) => seams.forms.get(form),
      maxParkedCalls,
      parkTimeoutMs,
      isRepeatable: (call) => isRepeatable(server, call),
      attend: (giveUp) => seams.inFlight.add({ abandon: (error) => giveUp(error.toJSON()) }),
      onError: (error) => void reportUnexpected(error, 'A conversation', logger),
      toError: (error, { request }) => toMcpError(error, request.method, logger).toJSON(),
    }),
    listening: new ListenEndpoint({
      name,
      server,
      bus: seams.bus,
      streams: seams.openStreams,
      maxSubscriptions,
      onError: (error) => reportUnexpected(error, 'A subscription', logger),
    }),
  };
}

/** Reading a resource or a prompt changes nothing; a tool says so itself. */
function isRepeatable({ parts }: McpServer, { request }: RequestContext): boolean {
  if (request.method !== 'tools/call') return true;
  const annotations = parts.registry.tools.get(String(request.params?.['name']))?.tool.annotations;
  return annotations?.readOnlyHint === true || annotations?.idempotentHint === true;
}
