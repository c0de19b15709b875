import * as core from '@modelcontextprotocol/core';
import { acknowledgementProblems, createdProblems, taskProblems } from './tasks.js';
import { parse, withoutEnvelope, type Era, type Message, type Schema } from './messages.js';

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

const COMMON_NOTIFICATIONS: Readonly<Record<string, Schema>> = {
  'notifications/progress': core.ProgressNotificationSchema,
  'notifications/message': core.LoggingMessageNotificationSchema,
  'notifications/tools/list_changed': core.ToolListChangedNotificationSchema,
  'notifications/resources/list_changed': core.ResourceListChangedNotificationSchema,
  'notifications/resources/updated': core.ResourceUpdatedNotificationSchema,
  'notifications/prompts/list_changed': core.PromptListChangedNotificationSchema,
};

const NOTIFICATIONS: Readonly<Record<Era, Readonly<Record<string, Schema>>>> = {
  legacy: {
    ...COMMON_NOTIFICATIONS,
    'notifications/cancelled': core.CancelledNotificationSchema,
    'notifications/elicitation/complete': core.ElicitationCompleteNotificationSchema,
  },
  modern: {
    ...COMMON_NOTIFICATIONS,
    'notifications/subscriptions/acknowledged': core.SubscriptionsAcknowledgedNotificationSchema,
  },
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

const LISTS: Readonly<Record<string, string>> = {
  'tools/list': 'tools',
  'resources/list': 'resources',
  'resources/templates/list': 'resourceTemplates',
  'prompts/list': 'prompts',
};

const CACHEABLE = new Set([...Object.keys(LISTS), 'server/discover', 'resources/read']);

const ASKING = new Set(['tools/call', 'resources/read', 'prompts/get']);

/** The characters of RFC 3986. */
const URI = /^[a-z][a-z\d+.-]*:(?:[\w.~:/?#[\]@!$&'()*+,;=-]|%[\da-f]{2})*$/i;

/** An optional prefix of dotted labels and a slash, then a name. */
const META_KEY =
  /^([a-z]([a-z\d-]*[a-z\d])?(\.[a-z]([a-z\d-]*[a-z\d])?)*\/)?([a-z\d]([a-z\d._-]*[a-z\d])?)?$/i;

/** Faults of a message from the server. `method` is that of the request a response answers, if it is known. */
export function problemsOf(message: Message, era: Era, method: string | undefined): string[] {
  if ('method' in message) {
    const found = 'id' in message ? serverRequestProblems(message, era) : notificationProblems(message, era);
    return [...found, ...metaProblems(message['params'])];
  }
  if ('error' in message) return errorProblems(message, era);
  return [...resultProblems(message, era, method), ...metaProblems(message['result'])];
}

function serverRequestProblems(message: Message, era: Era): string[] {
  const found = parse(core.JSONRPCRequestSchema, message, 'request');
  if (era === 'modern') found.push('a server of this revision sends no requests');
  const schema = REQUESTS[message['method']];
  return schema
    ? [...found, ...parse(schema, withoutEnvelope(message), 'request')]
    : [...found, 'unknown method'];
}

function notificationProblems(message: Message, era: Era): string[] {
  if (era === 'modern' && message['method'] === 'notifications/tasks')
    return [
      ...parse(core.JSONRPCNotificationSchema, message, 'notification'),
      ...taskProblems(message['params']),
    ];
  const schema = NOTIFICATIONS[era][message['method']];
  if (!schema) return [`a server of this revision sends no ${message['method']}`];
  return [
    ...parse(core.JSONRPCNotificationSchema, message, 'notification'),
    ...parse(schema, withoutEnvelope(message), 'notification'),
  ];
}

function errorProblems({ id, ...rest }: Message, era: Era): string[] {
  // JSON-RPC answers `id: null` to what it could not read. The schema of the specification leaves the id out instead;
  // both revisions allow such a body to be anything, so this is the one deviation that is let through.
  const found = parse(core.JSONRPCErrorResponseSchema, id === null ? rest : { id, ...rest }, 'error');
  const { code, data } = rest['error'] ?? {};
  if (!isAllowedCode(code, era)) found.push(`${code} is not for servers of this revision`);
  if (code === -32022 && !(Array.isArray(data?.supported) && typeof data?.requested === 'string')) {
    found.push('-32022 needs data.supported and data.requested');
  }
  if (code === -32021)
    found.push(...parse(core.ClientCapabilitiesSchema, data?.requiredCapabilities, 'data'));
  return found;
}

/** Of the codes from -32099 to -32000 the specification has defined few; the others are not to be used. */
function isAllowedCode(code: number, era: Era): boolean {
  if (code > -32000 || code < -32099) return true;
  return [-32020, -32021, -32022].includes(code) || (era === 'legacy' && code === -32002);
}

function resultProblems(message: Message, era: Era, method: string | undefined): string[] {
  const found = parse(core.JSONRPCResultResponseSchema, message, 'response');
  const result = message['result'] ?? {};
  found.push(...(era === 'modern' ? modernProblems(result, method) : legacyProblems(result)));
  if (method === undefined || result.resultType === 'input_required') return found;
  if (method === 'tools/call' && result.resultType === 'task') return [...found, ...createdProblems(result)];
  if (method === 'tasks/get')
    return [
      ...found,
      ...taskProblems(result),
      ...Object.values(result.inputRequests ?? {}).flatMap(inputProblems),
    ];
  if (method === 'tasks/update' || method === 'tasks/cancel')
    return [...found, ...acknowledgementProblems(result)];
  const schema = RESULTS[method];
  if (!schema) return [...found, `no such method: ${method}`];
  // A schema of an empty result allows for nothing but `_meta`.
  const { resultType: _, ...own } = result;
  found.push(...parse(schema, schema === core.EmptyResultSchema ? own : result, method));
  found.push(...entryProblems(result, LISTS[method]));
  // The schema fills in what is missing; the wire must have it.
  if (method === 'tools/call' && !Array.isArray(result.content)) found.push('content is required');
  return found;
}

function entryProblems(result: Message, list = ''): string[] {
  const schema = ENTRIES[list];
  const entries: Message[] = schema && Array.isArray(result[list]) ? result[list] : [];
  return entries.flatMap((entry) => [
    ...parse(schema as Schema, entry, list),
    ...metaProblems(entry),
    ...(list === 'resources' && !URI.test(entry['uri']) ? [`${entry['uri']} is no URI`] : []),
  ]);
}

function modernProblems(result: Message, method: string | undefined): string[] {
  if (method?.startsWith('tasks/')) {
    const wrong = result['resultType'] === 'complete' ? [] : [`resultType is ${result['resultType']}`];
    const { _meta: meta } = result;
    return [
      ...wrong,
      ...parse(core.ImplementationSchema, meta?.['io.modelcontextprotocol/serverInfo'], 'serverInfo'),
    ];
  }
  const { resultType, ttlMs, cacheScope, inputRequests, requestState, _meta } = result;
  const found = parse(core.ImplementationSchema, _meta?.['io.modelcontextprotocol/serverInfo'], 'serverInfo');
  if (resultType === 'task' && (method === undefined || method === 'tools/call')) return found;
  if (resultType === 'input_required') {
    if (method !== undefined && !ASKING.has(method)) return [...found, `${method} cannot ask for input`];
    if (inputRequests === undefined && requestState === undefined)
      found.push('input_required asks for nothing');
    if ('ttlMs' in result || 'cacheScope' in result) found.push('input_required cannot be cached');
    return [...found, ...Object.values(inputRequests ?? {}).flatMap(inputProblems)];
  }
  if (resultType !== 'complete') found.push(`resultType is ${resultType}`);
  if (method === undefined || !CACHEABLE.has(method)) return found;
  if (!(Number.isInteger(ttlMs) && ttlMs >= 0)) found.push(`ttlMs is ${ttlMs}`);
  if (cacheScope !== 'public' && cacheScope !== 'private') found.push(`cacheScope is ${cacheScope}`);
  return found;
}

function inputProblems(request: unknown): string[] {
  const { method } = request as Message;
  const schema = method === 'ping' ? undefined : REQUESTS[method];
  return schema ? parse(schema, withId(request), 'input request') : ['unknown input request'];
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

function metaProblems(holder: { readonly _meta?: object } | undefined): string[] {
  return Object.keys(holder?._meta ?? {})
    .filter((key) => !META_KEY.test(key))
    .map((key) => `${key} is no key of _meta`);
}

/** The exported schema is that of the revisions in which pages to visit had an id. */
function withId(request: any): unknown {
  if (request.params?.mode !== 'url') return request;
  if ('elicitationId' in request.params) return {};
  return { ...request, params: { ...request.params, elicitationId: 'none' } };
}
