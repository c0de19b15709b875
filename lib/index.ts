export { McpModule } from './mcp.module.js';
export type { McpModuleOptions, McpOptionsFactory } from './mcp-module-options.interface.js';

export { McpTool, type McpToolOptions } from './decorators/mcp-tool.decorator.js';
export { McpArgs, McpCtx } from './decorators/mcp-params.decorators.js';
export { McpExecutionContext } from './execution/mcp-execution-context.js';
export { McpContext, type McpClientDescription, type McpLog } from './registry/mcp-context.js';
export type { Principal } from './registry/principal.js';

export { StreamableHttpTransport } from './transports/streamable-http/streamable-http.transport.js';

export { McpError, McpErrorCode } from './protocol/mcp.error.js';
export { McpConfigurationError } from './protocol/configuration.error.js';
export { McpAdapterMissingError } from './server/mcp-adapter-missing.error.js';
