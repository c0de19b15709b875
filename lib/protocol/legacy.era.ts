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

  toolResult({ structuredContent, ...rest }) {
    if (structuredContent === undefined) return rest;
    // Clients of 2025-03-26 know no structure at all, and none of this era knows one that is no object.
    const result =
      rest.content.length > 0
        ? rest
        : { ...rest, content: [{ type: 'text' as const, text: JSON.stringify(structuredContent) }] };
    return isObject(structuredContent) ? { ...result, structuredContent } : result;
  },

  capabilities: ({ extensions: _, ...capabilities }) => capabilities,

  resourceNotFound: (uri) => new McpError(McpErrorCode.ResourceNotFound, 'Resource not found', { uri }),

  urlElicitation: (params) => ({ ...params, elicitationId: crypto.randomUUID() }),

  missingCapabilityIsToolError: true,

  statusOf: (code) => (code === McpErrorCode.TooManyRequests ? 429 : 200),
};
