import type { JsonRpcErrorObject } from '../../protocol/json-rpc.js';
import type { ConversationDeps, ConversationStrategy } from '../../conversations/conversation-strategy.js';
import { reportUnexpected, toMcpError } from '../../calls/failure.js';
import type { McpServer } from '../../server/mcp.server.js';
import type { Call } from '../../calls/call.js';
import { SealedJson } from '../../calls/sealed-json.js';
import { ParkedAsking } from '../../conversations/parked-asking.js';
import { ReplayedAsking } from '../../conversations/replayed-asking.js';
import { RequestStates } from '../../conversations/request-state.js';
import type { TaskRules } from '../../protocol/types/task-rules.js';
import { TaskPlaces } from '../../tasks/task-places.js';
import { TaskStrategy } from '../../tasks/task-strategy.js';
import { Subscriptions } from '../../subscriptions/subscriptions.js';
import { ListenEndpoint } from './listen.endpoint.js';
import type { InFlight } from '../in-flight.js';
import type { ModernServices } from './modern.endpoint.js';
import type { OpenStreams } from './http/open-streams.js';
import type { ModernOptions, TransportDeps } from './transport-deps.js';

/** Builds the dependencies of the modern era. */
export function createModernServices(
  server: McpServer,
  options: ModernOptions,
  seams: TransportDeps & { readonly openStreams: OpenStreams; readonly inFlight: InFlight },
): ModernServices {
  const asking = createAsking(server, options, seams);
  const tasks = createTasks(server, asking, options, seams);
  return {
    asking,
    tasks,
    strategy: tasks ?? asking,
    listening: new ListenEndpoint(createSubscriptions(server, options, seams), seams.openStreams),
  };
}

/** Builds the way of modern calls to ask their clients. */
export function createAsking(
  server: McpServer,
  { limits, parkTimeoutMs }: ModernOptions,
  seams: Pick<TransportDeps, 'server' | 'clientRequestAdapter' | 'forms' | 'secrets'> & {
    readonly inFlight: InFlight;
  },
): ConversationStrategy {
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
  if (!adapter) return new ReplayedAsking(deps);
  return new ParkedAsking({
    ...deps,
    adapter,
    parkedCalls: limits.parkedCalls,
    parkTimeoutMs,
    isRepeatable: (call: Call) => isRepeatable(server, call),
    trackWork: (giveUp: (error: JsonRpcErrorObject) => void) =>
      seams.inFlight.add({ abandon: (error) => giveUp(error.toJSON()) }),
  });
}

/** Builds the way of calls that may become tasks; `undefined` where tasks are kept nowhere. */
export function createTasks(
  server: McpServer,
  asking: ConversationStrategy,
  { limits }: Pick<ModernOptions, 'limits'>,
  { server: name, tasks, forms, secrets }: Pick<TransportDeps, 'server' | 'tasks' | 'forms' | 'secrets'>,
): TaskStrategy | undefined {
  if (!tasks) return undefined;
  const { serverInfo, handles, logger } = server.parts;
  return new TaskStrategy({
    inner: asking,
    adapter: tasks,
    places: new TaskPlaces(limits.tasks, limits.tasksPerPrincipal),
    countOpen: async (caller, taskId, ttlMs) =>
      (await tasks.count?.(caller, taskId, ttlMs, limits.handedOverTasksPerPrincipal)) ?? true,
    serverInfo,
    handles,
    seal: new SealedJson(secrets, 'task'),
    bindingOf: (taskId) => JSON.stringify([serverInfo.name, name, taskId]),
    resolveForm: (form) => forms.get(form),
    rulesOf: (call) => rulesOf(server, call),
    answer: (call) => server.answer(call),
    onError: (error) => void reportUnexpected(error, 'Keeping tasks', logger),
  });
}

/** Builds the open `subscriptions/listen` requests of a transport. */
export function createSubscriptions(
  server: McpServer,
  { limits }: Pick<ModernOptions, 'limits'>,
  { server: name, bus }: Pick<TransportDeps, 'server' | 'bus'>,
): Subscriptions {
  const { logger } = server.parts;
  return new Subscriptions({
    name,
    server,
    bus,
    maxSubscriptions: limits.subscriptions,
    onError: (error) => reportUnexpected(error, 'A subscription', logger),
  });
}

function rulesOf({ parts }: McpServer, { request }: Call): TaskRules | undefined {
  if (request.method !== 'tools/call') return undefined;
  return parts.registry.tools.get(String(request.params?.['name']))?.task;
}

/** Reading a resource or a prompt changes nothing; a tool says so itself. */
function isRepeatable({ parts }: McpServer, { request }: Call): boolean {
  if (request.method !== 'tools/call') return true;
  const annotations = parts.registry.tools.get(String(request.params?.['name']))?.tool.annotations;
  return annotations?.readOnlyHint === true || annotations?.idempotentHint === true;
}
