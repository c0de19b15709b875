export { createMcpTestClient } from './client/create-mcp-test-client.js';
export { McpTestClient, type CompletionReference, type McpRequestOptions } from './client/mcp-test-client.js';
export type { ElicitQuestion, McpTestClientOptions } from './client/mcp-test-client-options.interface.js';
export type { McpQuestion } from './client/client-answers.js';
export type { ListName, LogMessage, ProgressUpdate } from './client/inbox.js';
export { McpRequestError } from './client/mcp-request.error.js';
export type { JsonRpcNotification } from '../protocol/json-rpc.js';
export type { ServerCapabilities } from '../protocol/types/capabilities.js';
export type { Completion } from '../protocol/types/completion.js';
export type { Prompt, PromptArgument } from '../protocol/types/prompts.js';
export type { Resource, ResourceTemplate } from '../protocol/types/resources.js';
export type { Tool } from '../protocol/types/tools.js';
export { structuredOf, textOf } from './client/results.js';

export { clientRequestAdapterContract } from './client-request-adapter.contract.js';
export type { ContractCase, ContractSubject } from './contract.js';
export { sessionAdapterContract } from './session-adapter.contract.js';
export { notificationBusContract } from './notification-bus.contract.js';
export { storeContract } from './store.contract.js';
