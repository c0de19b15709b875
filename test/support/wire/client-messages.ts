import * as core from '@modelcontextprotocol/core';
import { TASK_REQUESTS } from './tasks.js';
import { parse, withoutEnvelope, type Era, type Message, type Schema } from './messages.js';

const REQUESTS: Readonly<Record<Era, Readonly<Record<string, Schema>>>> = {
  legacy: {
    initialize: core.InitializeRequestSchema,
    ping: core.PingRequestSchema,
    'tools/list': core.ListToolsRequestSchema,
    'tools/call': core.CallToolRequestSchema,
    'resources/list': core.ListResourcesRequestSchema,
    'resources/templates/list': core.ListResourceTemplatesRequestSchema,
    'resources/read': core.ReadResourceRequestSchema,
    'resources/subscribe': core.SubscribeRequestSchema,
    'resources/unsubscribe': core.UnsubscribeRequestSchema,
    'prompts/list': core.ListPromptsRequestSchema,
    'prompts/get': core.GetPromptRequestSchema,
    'completion/complete': core.CompleteRequestSchema,
    'logging/setLevel': core.SetLevelRequestSchema,
  },
  modern: {
    'server/discover': core.DiscoverRequestSchema,
    'tools/list': core.ListToolsRequestSchema,
    'tools/call': core.CallToolRequestSchema,
    'resources/list': core.ListResourcesRequestSchema,
    'resources/templates/list': core.ListResourceTemplatesRequestSchema,
    'resources/read': core.ReadResourceRequestSchema,
    'prompts/list': core.ListPromptsRequestSchema,
    'prompts/get': core.GetPromptRequestSchema,
    'completion/complete': core.CompleteRequestSchema,
    'subscriptions/listen': core.SubscriptionsListenRequestSchema,
    ...TASK_REQUESTS,
  },
};

/** Methods whose handlers may report progress. */
const REPORTING = new Set(['tools/call', 'resources/read', 'prompts/get']);

const ANSWERS: Readonly<Record<string, Schema>> = {
  ping: core.EmptyResultSchema,
  'elicitation/create': core.ElicitResultSchema,
  'sampling/createMessage': core.CreateMessageResultWithToolsSchema,
  'roots/list': core.ListRootsResultSchema,
};

/** Why a request or a response of a client is none. `method` is what a response answers, if that is known. */
export function clientProblemsOf(message: Message, era: Era, method?: string): string[] {
  if ('method' in message) return requestProblems(message, era);
  if (era === 'modern') return ['a client of this revision sends no responses'];
  if ('error' in message) return parse(core.JSONRPCErrorResponseSchema, message, 'error');
  return [
    ...parse(core.JSONRPCResultResponseSchema, message, 'response'),
    ...answerProblems(message['result'], method),
  ];
}

/** Why a result is no answer to a request of the server. */
export function answerProblems(result: unknown, method: string | undefined): string[] {
  const schema = method === undefined ? undefined : ANSWERS[method];
  return schema ? parse(schema, result, `answer to ${method}`) : [];
}

function requestProblems(message: Message, era: Era): string[] {
  const { method } = message;
  const schema = REQUESTS[era][method];
  if (!schema) return [`there is no ${method}`];
  const known = REPORTING.has(method) ? message : withoutToken(message);
  const found = [
    ...parse(core.JSONRPCRequestSchema, known, 'request'),
    ...parse(schema, withoutEnvelope(known), method),
  ];
  return era === 'modern' ? [...found, ...modernProblems(message['params'] ?? {})] : found;
}

/** A progress token without reports is not judged. */
function withoutToken(message: Message): Message {
  const { _meta, ...params } = message['params'] ?? {};
  if (_meta?.progressToken === undefined) return message;
  const { progressToken: _, ...meta } = _meta;
  return { ...message, params: { ...params, _meta: meta } };
}

function modernProblems({ _meta = {}, requestState }: Message): string[] {
  const found: string[] = [];
  if (typeof _meta['io.modelcontextprotocol/protocolVersion'] !== 'string') found.push('no protocolVersion');
  const capabilities = _meta['io.modelcontextprotocol/clientCapabilities'];
  found.push(...parse(core.ClientCapabilitiesSchema, capabilities, 'clientCapabilities'));
  const info = _meta['io.modelcontextprotocol/clientInfo'];
  if (info !== undefined) found.push(...parse(core.ImplementationSchema, info, 'clientInfo'));
  if (requestState !== undefined && typeof requestState !== 'string') found.push('requestState is no text');
  return found;
}
