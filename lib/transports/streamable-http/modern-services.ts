import type { JsonRpcErrorObject } from '../../protocol/json-rpc.js';
import type { ConversationDeps } from '../../conversations/conversation-strategy.js';
import { reportUnexpected, toMcpError } from '../../calls/failure.js';
import type { McpServer } from '../../server/mcp.server.js';
import type { Call } from '../../calls/call.js';
import { ParkedAsking } from '../../conversations/parked-asking.js';
import { ReplayedAsking } from '../../conversations/replayed-asking.js';
import { RequestStates } from '../../conversations/request-state.js';
import type { TaskRules } from '../../protocol/types/task-rules.js';
import { TaskRunner } from '../../tasks/task-runner.js';
import { TaskStrategy } from '../../tasks/task-strategy.js';
import { Subscriptions } from '../../subscriptions/subscriptions.js';
import { ListenEndpoint } from './listen.endpoint.js';
import type { InFlight } from './in-flight.js';
import type { ModernServices } from './modern.endpoint.js';
import type { OpenStreams } from './open-streams.js';
import type { ModernOptions, TransportSeams } from './transport-seams.js';

/** Builds the dependencies of the modern era. */
export function createModernServices(
  server: McpServer,
  { maxParkedCalls, parkTimeoutMs, maxSubscriptions }: ModernOptions,
  seams: TransportSeams & { readonly openStreams: OpenStreams; readonly inFlight: InFlight },
): ModernServices {
  const { serverInfo, logger } = server.parts;
  const { server: name, clientRequestAdapter: adapter } = seams;
  const deps: ConversationDeps = {
    states: new RequestStates(seams.secrets, JSON.stringify([serverInfo.name, name]), parkTimeoutMs),
    serverInfo,
    instrumentation: server.parts.instrumentation,
    resolveForm: (form) => seams.forms.get(form),
    onError: (error) => void reportUnexpected(error, 'A conversation', logger),
    toError: (error, { request }) => toMcpError(error, request.method, logger).toJSON(),
  };
  const parking = {
    maxParkedCalls,
    parkTimeoutMs,
    isRepeatable: (call: Call) => isRepeatable(server, call),
    trackWork: (giveUp: (error: JsonRpcErrorObject) => void) =>
      seams.inFlight.add({ abandon: (error) => giveUp(error.toJSON()) }),
  };
  const asking = adapter ? new ParkedAsking({ ...deps, ...parking, adapter }) : new ReplayedAsking(deps);
  const runner =
    seams.tasks && new TaskRunner(seams.tasks, { restart: notRestartable, onError: deps.onError });
  const listening = new ListenEndpoint(
    new Subscriptions({
      name,
      server,
      bus: seams.bus,
      maxSubscriptions,
      onError: (error) => reportUnexpected(error, 'A subscription', logger),
    }),
    seams.openStreams,
  );
  const strategy = runner
    ? new TaskStrategy({
        inner: asking,
        runner,
        serverInfo,
        rulesOf: (call) => rulesOf(server, call),
        onError: deps.onError,
      })
    : asking;
  return {
    asking,
    strategy,
    listening,
    async start() {
      await runner?.start();
      await listening.subscriptions.start();
    },
    closeTasks: async (graceMs) => runner?.close(graceMs),
  };
}

function rulesOf({ parts }: McpServer, { request }: Call): TaskRules | undefined {
  if (request.method !== 'tools/call') return undefined;
  return parts.registry.tools.get(String(request.params?.['name']))?.task;
}

function notRestartable(): Promise<never> {
  return Promise.reject(new Error('No task of this server may run again'));
}

/** Reading a resource or a prompt changes nothing; a tool says so itself. */
function isRepeatable({ parts }: McpServer, { request }: Call): boolean {
  if (request.method !== 'tools/call') return true;
  const annotations = parts.registry.tools.get(String(request.params?.['name']))?.tool.annotations;
  return annotations?.readOnlyHint === true || annotations?.idempotentHint === true;
}
