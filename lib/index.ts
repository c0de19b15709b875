export { McpModule } from './mcp.module.js';
export type { McpModuleOptions, McpOptionsFactory } from './mcp-module-options.interface.js';

export { getMcpToken } from './mcp-token.js';

export { McpTool, type McpToolOptions } from './decorators/mcp-tool.decorator.js';
export type { TypedMethodDecorator } from './decorators/typed-method-decorator.js';
export type { McpToolUi } from './decorators/mcp-tool.decorator.js';
export {
  McpResource,
  type McpResourceOptions,
  type McpResourceTemplateOptions,
  type McpStaticResourceOptions,
} from './decorators/mcp-resource.decorator.js';
export { McpPrompt, type McpPromptOptions } from './decorators/mcp-prompt.decorator.js';
export { McpCompletion, type McpCompletionOptions } from './decorators/mcp-completion.decorator.js';
export type { McpCompleter } from './decorators/primitive-options.js';
export { McpPublic, McpScopes } from './decorators/mcp-access.decorators.js';
export { McpArgs, McpCtx } from './decorators/mcp-params.decorators.js';
export { McpExecutionContext } from './execution/mcp-execution-context.js';
export {
  McpContext,
  type AskOptions,
  type ElicitOptions,
  type McpClientDescription,
  type McpLog,
  type OnceOptions,
} from './registry/mcp-context.js';
export { handlePattern, type HandleOptions, type McpHandles } from './registry/mcp-handles.js';
export { McpHandleError, type HandleFault } from './handles/handle.error.js';
export type { McpLimits } from './mcp-limits.js';
export type { McpHandlesOptions } from './handles/handles.js';
export type { McpSession } from './registry/mcp-session.js';
export { McpListResolver, type McpListEntry, type McpListName } from './registry/mcp-list-resolver.js';
export type { McpVisible } from './registry/entries.js';
export { McpRegistry } from './discovery/mcp.registry.js';
export type {
  McpHandler,
  McpPromptRegistration,
  McpResourceHandler,
  McpResourceRegistration,
  McpToolRegistration,
} from './discovery/registration.js';
export { TokenVerifier, TokenVerifierUnavailableError } from './auth/token-verifier.js';
export {
  IntrospectionTokenVerifier,
  type IntrospectionTokenVerifierOptions,
} from './auth/introspection-token-verifier.js';
export type { McpAuthOptions } from './auth/auth-options.interface.js';
export type { TokenVerifierOptions } from './auth/verifier-options.interface.js';
export type { Principal } from './registry/principal.js';

export { StreamableHttpTransport } from './transports/streamable-http/streamable-http.transport.js';
export type { ClientSession } from './sessions/client-session.js';

export { McpHealthIndicator, type McpHealth } from './mcp-health.indicator.js';
export {
  McpInstrumentation,
  type ObservedAnswer,
  type ObservedLoad,
  type ObservedQuestion,
  type ObservedRequest,
  type TraceCarrier,
} from './telemetry/instrumentation.js';

export { McpError, McpErrorCode } from './protocol/mcp.error.js';
export { inputRequired, type InputRequiredOptions } from './protocol/input-required.js';
export { McpConfigurationError } from './protocol/configuration.error.js';
export { McpAdapterMissingError } from './calls/mcp-adapter-missing.error.js';
export { McpClientAnswerError } from './asking/client-answer.error.js';
export { McpMissingCapabilityError } from './protocol/missing-capability.error.js';
export { McpSessionUnavailableError } from './calls/session-unavailable.error.js';

export type { AdapterOption } from './adapters/adapter-option.js';
export { SessionAdapter } from './adapters/session.adapter.js';
export { AdapterUnavailableError } from './adapters/adapter-unavailable.error.js';
export { EventsLostError } from './adapters/events-lost.error.js';
export {
  InMemorySessionAdapter,
  type InMemorySessionAdapterOptions,
} from './adapters/in-memory/in-memory-session.adapter.js';
export { Store } from './adapters/store.js';
export { MemoryStore, MemoryStoreData } from './adapters/in-memory/memory-store.js';
export { TaskAdapter } from './adapters/task.adapter.js';
export { McpTasks } from './tasks/mcp-tasks.js';
export { McpTaskEndedError } from './tasks/task-ended.error.js';
export type { McpHandover, McpTask } from './registry/mcp-task.js';
export type { McpTaskOptions } from './protocol/types/task-rules.js';
export type { TransportStats } from './transports/streamable-http/transport-stats.js';
export { InMemoryTaskAdapter } from './adapters/in-memory/in-memory-task.adapter.js';
export { ClientRequestAdapter } from './adapters/client-request.adapter.js';
export { ClientRequestTimeoutError } from './adapters/client-request-timeout.error.js';
export {
  InMemoryClientRequestAdapter,
  type InMemoryClientRequestAdapterOptions,
} from './adapters/in-memory/in-memory-client-request.adapter.js';

export { NotificationBus } from './adapters/notification-bus.js';
export {
  InProcessChannel,
  InProcessNotificationBus,
} from './adapters/in-memory/in-process-notification-bus.js';

export type {
  AudioContent,
  BlobResourceContents,
  ContentBlock,
  EmbeddedResource,
  ImageContent,
  ResourceLink,
  TextContent,
  TextResourceContents,
} from './protocol/types/content.js';
export { toolResult } from './results/tool-result.js';
export type { CallToolResult, ToolAnnotations } from './protocol/types/tools.js';
export type { ReadResourceResult } from './protocol/types/resources.js';
export type { GetPromptResult, PromptMessage } from './protocol/types/prompts.js';
export type { ElicitResult } from './protocol/types/elicitation.js';
export type { CreateMessageParams, CreateMessageResult, SamplingMessage } from './protocol/types/sampling.js';
export type { McpRoot } from './protocol/types/roots.js';
export type { ClientCapabilities } from './protocol/types/capabilities.js';
export type { McpIcon, McpImplementation } from './protocol/types/implementation.js';
export type { McpLogLevel } from './protocol/types/logging.js';
export type { CacheHint } from './protocol/types/caching.js';
export type { CacheHints } from './server/server-parts.js';
export type { ProtocolVersion } from './protocol/protocol-version.js';
export type { JsonSchema } from './schema/schema.js';
export type { SchemaSource } from './schema/schema-source.js';
export type { StandardSchema } from './schema/standard-schema.interface.js';
