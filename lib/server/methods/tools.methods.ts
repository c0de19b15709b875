import { isObject } from '../../protocol/json-rpc.js';
import { invalidParams, McpError } from '../../protocol/mcp.error.js';
import type { CallToolResult } from '../../protocol/types/tools.js';
import type { ToolEntry } from '../../registry/entries.js';
import { httpExceptionMessage, isHttpException, reportUnexpected } from '../failure.js';
import { HandlerContext } from '../handler-context.js';
import { ListCache } from '../list-cache.js';
import type { RequestContext } from '../request-context.js';
import type { ServerParts } from '../server-parts.js';
import { runWithTimeout, TimeoutError } from '../timeout.js';
import { describeIssues, toolError, toToolResult } from '../tool-result.js';
import type { Method } from './index.js';

/** @see https://modelcontextprotocol.io/specification/2026-07-28/server/tools#listing-tools */
export function listTools({ registry, serverInfo, cacheHints }: ServerParts): Method {
  const hint = { ttlMs: 0, cacheScope: 'public', ...cacheHints.tools } as const;
  const cache = new ListCache(registry, (era) =>
    era.complete({ tools: Array.from(registry.tools, ({ tool }) => era.tool(tool)) }, serverInfo, hint),
  );
  return ({ era }) => cache.get(era);
}

/** @see https://modelcontextprotocol.io/specification/2026-07-28/server/tools#calling-tools */
export function callTool(parts: ServerParts): Method {
  return async (call) => {
    const { name, arguments: args = {} } = call.request.params ?? {};
    if (typeof name !== 'string') throw invalidParams('name must be a string');
    if (!isObject(args)) throw invalidParams('arguments must be an object');
    const entry = parts.registry.tool(name);
    if (!entry) throw invalidParams(`Unknown tool: ${name}`);

    const result = await runTool(entry, args, call, parts);
    return call.era.complete(call.era.toolResult(result), parts.serverInfo);
  };
}

async function runTool(
  entry: ToolEntry,
  args: unknown,
  call: RequestContext,
  { logger }: ServerParts,
): Promise<CallToolResult> {
  const pending = entry.input.validate(args);
  const validation = 'then' in pending ? await pending : pending;
  if (!validation.ok) {
    const issues = describeIssues(validation.issues);
    logger.debug?.(`Tool ${entry.tool.name} was called with invalid arguments. ${issues}`);
    return toolError(issues);
  }
  const context = new HandlerContext(call, validation.value);
  try {
    const value = await runWithTimeout(entry.timeoutMs, call.cancellation, () =>
      entry.invoke(validation.value, context),
    );
    return await checkOutput(entry, toToolResult(value), logger);
  } catch (error) {
    return toFailedResult(error, entry, call, logger);
  } finally {
    context.settle();
  }
}

async function checkOutput(
  entry: ToolEntry,
  result: CallToolResult,
  logger: ServerParts['logger'],
): Promise<CallToolResult> {
  if (!entry.output || result.isError) return result;
  const validation = await entry.output.validate(result.structuredContent);
  if (validation.ok) return result;
  const message = `Tool ${entry.tool.name} returned a value that does not fit its output schema`;
  logger.error(`${message}: ${JSON.stringify(validation.issues)}`);
  return toolError(message);
}

function toFailedResult(
  error: unknown,
  entry: ToolEntry,
  call: RequestContext,
  logger: ServerParts['logger'],
): CallToolResult {
  if (error instanceof McpError) throw error;
  if (isHttpException(error)) return toolError(httpExceptionMessage(error));
  if (error instanceof TimeoutError) return toolError(`Tool ${entry.tool.name}: ${error.message}`);
  const where = `Tool ${entry.tool.name}`;
  if (!call.cancellation.isCancelled) return toolError(reportUnexpected(error, where, logger));
  logger.debug?.(`${where} stopped after its cancellation: ${String(error)}`);
  return toolError('Cancelled');
}
