import type {
  CacheHint,
  CacheHints,
  CallToolResult,
  ClientCapabilities,
  ContentBlock,
  CreateMessageParams,
  CreateMessageResult,
  ElicitResult,
  GetPromptResult,
  McpIcon,
  McpImplementation,
  JsonSchema,
  McpLogLevel,
  McpContext,
  McpModuleOptions,
  PromptMessage,
  ProtocolVersion,
  ReadResourceResult,
  McpRoot,
  SamplingMessage,
  SchemaSource,
  StandardSchema,
  ToolAnnotations,
} from 'nestjs-mcp-adapters';
import { z } from 'zod';

/** Types that handlers return and receive can be written down with the names of the package alone. */
export const contents: readonly ContentBlock[] = [
  { type: 'text', text: 'a' },
  { type: 'image', data: '', mimeType: 'image/png' },
  { type: 'audio', data: '', mimeType: 'audio/wav' },
  { type: 'resource_link', uri: 'x://1', name: 'one' },
  { type: 'resource', resource: { uri: 'x://1', text: 'one' } },
  { type: 'resource', resource: { uri: 'x://1', blob: '' } },
];
export const result: CallToolResult = { content: contents, structuredContent: { a: 1 }, isError: false };
export const annotations: ToolAnnotations = { readOnlyHint: true };
export const read: ReadResourceResult = { contents: [{ uri: 'x://1', text: 'one' }] };
export const message: PromptMessage = { role: 'user', content: { type: 'text', text: 'a' } };
export const prompt: GetPromptResult = { messages: [message] };
export const icon: McpIcon = { src: 'https://example.org/icon.png', sizes: ['48x48'] };
export const info: McpImplementation = { name: 'a', version: '1', icons: [icon] };
export const level: McpLogLevel = 'warning';
export const version: ProtocolVersion = '2026-07-28';
export const hint: CacheHint = { ttlMs: 1, cacheScope: 'public' };
export const hints: CacheHints = { tools: hint };
export const schema: JsonSchema = { type: 'object' };
export const standard: StandardSchema<string> = z.string();
export const sources: readonly SchemaSource[] = [schema, standard, class Dto {}];
export const options: McpModuleOptions = { serverInfo: info, cacheHints: hints, protocolVersions: [version] };

export async function ask(ctx: McpContext): Promise<readonly McpRoot[]> {
  const capabilities: ClientCapabilities = ctx.client.capabilities;
  const turn: SamplingMessage = { role: 'user', content: { type: 'text', text: 'Hello' } };
  const params: CreateMessageParams = { messages: [turn], maxTokens: capabilities.sampling ? 10 : 1 };
  const said: CreateMessageResult = await ctx.sample(params);
  const answer: ElicitResult = await ctx.elicit({ message: said.model, url: 'https://example.org' });
  return answer.action === 'accept' ? ctx.listRoots() : [];
}
