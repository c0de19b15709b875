import type { Era } from './era.js';
import { isObject } from './json-rpc.js';
import { McpError, McpErrorCode } from './mcp.error.js';

/** 2025-03-26 to 2025-11-25. */
export const legacyEra: Era = {
  name: 'legacy',

  methods: new Set([
    'initialize',
    'ping',
    'tools/list',
    'tools/call',
    'resources/list',
    'resources/templates/list',
    'resources/read',
    'resources/subscribe',
    'resources/unsubscribe',
    'prompts/list',
    'prompts/get',
    'completion/complete',
    'logging/setLevel',
  ]),

  complete: (result) => result,

  tool(tool) {
    if (tool.outputSchema === undefined || tool.outputSchema['type'] === 'object') return tool;
    const { outputSchema: _, ...rest } = tool;
    return rest;
  },

  toolResult(result) {
    if (result.structuredContent === undefined || isObject(result.structuredContent)) return result;
    const { structuredContent: _, ...rest } = result;
    return rest;
  },

  capabilities: ({ extensions: _, ...capabilities }) => capabilities,

  resourceNotFound: (uri) => new McpError(McpErrorCode.ResourceNotFound, 'Resource not found', { uri }),

  urlElicitation: (params) => ({ ...params, elicitationId: crypto.randomUUID() }),

  missingCapabilityIsToolError: true,

  statusOf: (code) => (code === McpErrorCode.TooManyRequests ? 429 : 200),
};
