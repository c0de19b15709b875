import * as core from '@modelcontextprotocol/core';

export type Era = 'legacy' | 'modern';

interface Schema {
  safeParse(value: unknown): { success: boolean; error?: { message: string } };
}

/** A JSON-RPC message of unknown content. */
export type Message = Readonly<Record<string, any>>;

const RESULTS: Readonly<Record<string, Schema>> = {
  initialize: core.InitializeResultSchema,
  ping: core.EmptyResultSchema,
  'server/discover': core.DiscoverResultSchema,
  'tools/list': core.ListToolsResultSchema,
  'tools/call': core.CallToolResultSchema,
  'resources/list': core.ListResourcesResultSchema,
  'resources/templates/list': core.ListResourceTemplatesResultSchema,
  'resources/read': core.ReadResourceResultSchema,
  'resources/subscribe': core.EmptyResultSchema,
  'resources/unsubscribe': core.EmptyResultSchema,
  'prompts/list': core.ListPromptsResultSchema,
  'prompts/get': core.GetPromptResultSchema,
  'completion/complete': core.CompleteResultSchema,
  'logging/setLevel': core.EmptyResultSchema,
  'subscriptions/listen': core.SubscriptionsListenResultSchema,
};

const NOTIFICATIONS: Readonly<Record<string, Schema>> = {
  'notifications/progress': core.ProgressNotificationSchema,
  'notifications/message': core.LoggingMessageNotificationSchema,
  'notifications/cancelled': core.CancelledNotificationSchema,
  'notifications/tools/list_changed': core.ToolListChangedNotificationSchema,
  'notifications/resources/list_changed': core.ResourceListChangedNotificationSchema,
  'notifications/resources/updated': core.ResourceUpdatedNotificationSchema,
  'notifications/prompts/list_changed': core.PromptListChangedNotificationSchema,
  'notifications/elicitation/complete': core.ElicitationCompleteNotificationSchema,
  'notifications/subscriptions/acknowledged': core.SubscriptionsAcknowledgedNotificationSchema,
};

const REQUESTS: Readonly<Record<string, Schema>> = {
  ping: core.PingRequestSchema,
  'elicitation/create': core.ElicitRequestSchema,
  'sampling/createMessage': core.CreateMessageRequestSchema,
  'roots/list': core.ListRootsRequestSchema,
};

/** Entries of lists, none of which may have a member the specification does not know. */
const ENTRIES: Readonly<Record<string, Schema>> = {
  tools: core.ToolSchema.strict(),
  resources: core.ResourceSchema.strict(),
  resourceTemplates: core.ResourceTemplateSchema.strict(),
  prompts: core.PromptSchema.strict(),
};

const CACHEABLE = new Set([
  'server/discover',
  'tools/list',
  'resources/list',
  'resources/templates/list',
  'resources/read',
  'prompts/list',
]);

const ASKING = new Set(['tools/call', 'resources/read', 'prompts/get']);

/** What is wrong with a message from the server. `method` is what a response answers, if that is known. */
export function problemsOf(message: Message, era: Era, method: string | undefined): string[] {
  if ('method' in message)
    return 'id' in message ? requestProblems(message, era) : notificationProblems(message);
  if ('error' in message) return errorProblems(message);
  return resultProblems(message, era, method);
}

function requestProblems(message: Message, era: Era): string[] {
  const found = parse(core.JSONRPCRequestSchema, message, 'request');
  if (era === 'modern') found.push('a server of this revision sends no requests');
  const schema = REQUESTS[message['method']];
  return schema
    ? [...found, ...parse(schema, withoutEnvelope(message), 'request')]
    : [...found, 'unknown method'];
}

function notificationProblems(message: Message): string[] {
  const schema = NOTIFICATIONS[message['method']];
  if (!schema) return ['unknown method'];
  return [
    ...parse(core.JSONRPCNotificationSchema, message, 'notification'),
    ...parse(schema, withoutEnvelope(message), 'notification'),
  ];
}

function errorProblems({ id, ...rest }: Message): string[] {
  // JSON-RPC answers `id: null` to what it could not read. The schema of the specification leaves the id out instead;
  // both revisions allow such a body to be anything, so this is the one deviation that is let through.
  const found = parse(core.JSONRPCErrorResponseSchema, id === null ? rest : { id, ...rest }, 'error');
  const { code, data } = rest['error'] ?? {};
  if (code === -32022 && !(Array.isArray(data?.supported) && typeof data?.requested === 'string')) {
    found.push('-32022 needs data.supported and data.requested');
  }
  if (code === -32021)
    found.push(...parse(core.ClientCapabilitiesSchema, data?.requiredCapabilities, 'data'));
  return found;
}

function resultProblems(message: Message, era: Era, method: string | undefined): string[] {
  const found = parse(core.JSONRPCResultResponseSchema, message, 'response');
  const result = message['result'] ?? {};
  found.push(...(era === 'modern' ? modernProblems(result, method) : legacyProblems(result)));
  if (method === undefined || result.resultType === 'input_required') return found;
  const schema = RESULTS[method];
  if (!schema) return [...found, `no such method: ${method}`];
  found.push(...parse(schema, result, method));
  for (const [list, entry] of Object.entries(ENTRIES)) {
    for (const item of method === `${list}/list` ? result[list] : []) found.push(...parse(entry, item, list));
  }
  // The schema fills in what is missing; the wire must have it.
  if (method === 'tools/call' && !Array.isArray(result.content)) found.push('content is required');
  return found;
}

function modernProblems(result: Message, method: string | undefined): string[] {
  const { resultType, ttlMs, cacheScope, inputRequests, requestState } = result;
  if (resultType === 'input_required') {
    if (method !== undefined && !ASKING.has(method)) return [`${method} cannot ask for input`];
    if (inputRequests === undefined && requestState === undefined) return ['input_required asks for nothing'];
    return Object.values(inputRequests ?? {}).flatMap((request) => {
      const schema = REQUESTS[(request as Message)['method']];
      return schema ? parse(schema, withId(request), 'input request') : ['unknown input request'];
    });
  }
  const found = resultType === 'complete' ? [] : [`resultType is ${resultType}`];
  if (method === undefined || !CACHEABLE.has(method)) return found;
  if (!(Number.isInteger(ttlMs) && ttlMs >= 0)) found.push(`ttlMs is ${ttlMs}`);
  if (cacheScope !== 'public' && cacheScope !== 'private') found.push(`cacheScope is ${cacheScope}`);
  return found;
}

function legacyProblems(result: Message): string[] {
  const found = ['resultType', 'ttlMs', 'cacheScope', 'inputRequests', 'requestState']
    .filter((key) => key in result)
    .map((key) => `${key} does not exist in this revision`);
  const { structuredContent, tools } = result;
  if (
    structuredContent !== undefined &&
    (typeof structuredContent !== 'object' || Array.isArray(structuredContent))
  ) {
    found.push('structuredContent must be an object in this revision');
  }
  for (const { name, outputSchema } of Array.isArray(tools) ? tools : []) {
    if (outputSchema && outputSchema.type !== 'object')
      found.push(`outputSchema of ${name} must be of type object`);
  }
  return found;
}

function parse(schema: Schema, value: unknown, what: string): string[] {
  const { success, error } = schema.safeParse(value);
  return success ? [] : [`${what}: ${error?.message}`];
}

function withoutEnvelope({ jsonrpc: _, id: __, ...message }: Message): Message {
  return message;
}

/** The exported schema is that of the revisions in which pages to visit had an id. */
function withId(request: any): unknown {
  if (request.params?.mode !== 'url') return request;
  if ('elicitationId' in request.params) return {};
  return { ...request, params: { ...request.params, elicitationId: 'none' } };
}
