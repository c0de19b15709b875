import type { Era } from './era.js';
import { invalidParams, McpErrorCode } from './mcp.error.js';
import { MetaKey } from './request-meta.js';

const STATUS: ReadonlyMap<number, number> = new Map([
  [McpErrorCode.MethodNotFound, 404],
  [McpErrorCode.MissingRequiredClientCapability, 400],
  [McpErrorCode.HeaderMismatch, 400],
  [McpErrorCode.UnsupportedProtocolVersion, 400],
  [McpErrorCode.TooManyRequests, 429],
]);

/** 2026-07-28 and later. */
export const modernEra: Era = {
  name: 'modern',

  methods: new Set([
    'server/discover',
    'tools/list',
    'tools/call',
    'resources/list',
    'resources/templates/list',
    'resources/read',
    'prompts/list',
    'prompts/get',
    'completion/complete',
    'subscriptions/listen',
    'tasks/get',
    'tasks/update',
    'tasks/cancel',
  ]),

  complete(result, serverInfo, cache) {
    const { _meta } = result as { _meta?: object };
    return {
      resultType: 'complete',
      ...result,
      ...cache,
      _meta: { ..._meta, [MetaKey.ServerInfo]: serverInfo },
    };
  },

  tool: (tool) => tool,

  toolResult: (result) => result,

  capabilities: (capabilities) => capabilities,

  resourceNotFound: (uri) => invalidParams('Resource not found', { uri }),

  urlElicitation: (params) => ({ ...params }),

  missingCapabilityIsToolError: false,

  statusOf: (code) => STATUS.get(code) ?? 200,
};
