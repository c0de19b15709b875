import { ClientRequestTimeoutError } from '../../adapters/client-request-timeout.error.js';
import { isObject } from '../../protocol/json-rpc.js';
import { invalidParams, McpError } from '../../protocol/mcp.error.js';
import { McpMissingCapabilityError } from '../../protocol/missing-capability.error.js';
import { supportsTasks, TaskMethod, TASKS_CAPABILITY } from '../../protocol/types/tasks.js';
import type { CallToolResult } from '../../protocol/types/tools.js';
import type { ToolEntry } from '../../registry/entries.js';
import type { Schema } from '../../schema/schema.js';
import { McpClientAnswerError } from '../../asking/client-answer.error.js';
import { httpExceptionMessage, isHttpException, reportUnexpected } from '../../calls/failure.js';
import type { Call } from '../../calls/call.js';
import { ownArguments } from '../../calls/own-arguments.js';
import { runHandler } from '../../calls/run-handler.js';
import { McpHandleError } from '../../handles/handle.error.js';
import type { ServerLists } from '../server-lists.js';
import type { ServerParts } from '../server-parts.js';
import { TimeoutError } from '../../calls/timeout.js';
import { UnsendableError } from '../../results/faithful-json.js';
import { describeIssues, toCheckedResult, toolError, toToolResult } from '../../results/tool-result.js';
import type { Method } from '../../calls/call.js';

/** @see https://modelcontextprotocol.io/specification/2026-07-28/server/tools#listing-tools */
export function listTools({ tools }: ServerLists): Method {
  return (call) => tools.pages.get(call);
}

/** @see https://modelcontextprotocol.io/specification/2026-07-28/server/tools#calling-tools */
export function callTool(parts: ServerParts, { tools }: ServerLists): Method {
  return (call) => {
    const { name, arguments: args = {} } = call.request.params ?? {};
    if (typeof name !== 'string') throw invalidParams('name must be a string');
    const run = (entry: ToolEntry | undefined) => {
      if (!entry) throw invalidParams(`Unknown tool: ${name}`);
      if (lacksTasks(entry, call)) {
        if (!call.era.missingCapabilityIsToolError) throw new McpMissingCapabilityError(TASKS_CAPABILITY);
        return encode(toolError(NEEDS_TASKS), entry, call, parts);
      }
      if (!isObject(args)) throw invalidParams('arguments must be an object');
      const refusal = call.refuseTool?.(entry);
      if (refusal) throw refusal;
      return runTool(entry, args, call, parts);
    };
    // Of a task that is run again it was found out when it was made.
    if (call.admission?.isOver) return run(parts.registry.tools.get(name));
    const found = tools.visibility.find(name, call);
    return found && 'then' in found ? found.then(run) : run(found);
  };
}

const NEEDS_TASKS =
  'This tool works in the background: it needs a client of 2026-07-28 with the extension io.modelcontextprotocol/tasks';

/** Checks whether every call of the tool is a task, and the client does not support tasks. */
function lacksTasks({ task }: ToolEntry, { era, clientCapabilities }: Call): boolean {
  if (task?.mode !== 'required') return false;
  return era.methods.has(TaskMethod.Get) ? !supportsTasks(clientCapabilities) : task.legacy === 'refuse';
}

async function runTool(entry: ToolEntry, args: unknown, call: Call, parts: ServerParts): Promise<string> {
  const { logger } = parts;
  let result: CallToolResult;
  try {
    const pending = entry.input.validate(ownArguments(args, call));
    const validation = 'then' in pending ? await pending : pending;
    if (validation.ok) {
      const value = await runHandler(entry, { args: validation.value }, call);
      if (call.isHandedOver) result = { content: [] };
      else result = entry.output ? await checkOutput(entry, value, logger) : toToolResult(value);
    } else {
      const issues = describeIssues(validation.issues);
      logger.debug?.(`Tool ${entry.tool.name} was called with invalid arguments. ${issues}`);
      result = toolError(issues);
    }
  } catch (error) {
    call.isHandedOver = false;
    result = toFailedResult(error, entry, call, logger);
  }
  return encode(result, entry, call, parts);
}

async function checkOutput(
  { output, tool }: ToolEntry,
  value: unknown,
  logger: ServerParts['logger'],
): Promise<CallToolResult> {
  const checked = await toCheckedResult(value, output as Schema);
  if (checked.ok) return checked.result;
  const message = `Tool ${tool.name} returned a value that does not fit its output schema`;
  logger.error(`${message}: ${JSON.stringify(checked.issues)}`);
  return toolError(message);
}

/** The JSON of the result, made here as a full result may hold what JSON cannot. */
function encode(
  result: CallToolResult,
  entry: ToolEntry,
  { era }: Call,
  { serverInfo, logger }: ServerParts,
): string {
  const toText = (sent: CallToolResult) => JSON.stringify(era.complete(era.toolResult(sent), serverInfo));
  try {
    return toText(result);
  } catch (error) {
    return toText(unsendable(error, entry, logger));
  }
}

function unsendable(error: unknown, { tool }: ToolEntry, logger: ServerParts['logger']): CallToolResult {
  const text = `Tool ${tool.name} returned a value that JSON cannot hold`;
  return toolError(reportUnexpected(error, `Tool ${tool.name}`, logger, text));
}

function toFailedResult(
  error: unknown,
  entry: ToolEntry,
  call: Call,
  logger: ServerParts['logger'],
): CallToolResult {
  if (isAnswerable(error, call)) return toolError(error.message);
  if (error instanceof McpError) throw error;
  // Before anything is said the status can say it, to clients and whatever stands in between.
  if (isTooMany(error) && !call.outbound?.hasBegun) throw error;
  if (isHttpException(error)) return toolError(httpExceptionMessage(error));
  if (error instanceof TimeoutError) return toolError(`Tool ${entry.tool.name}: ${error.message}`);
  if (error instanceof UnsendableError) return unsendable(error.cause, entry, logger);
  const where = `Tool ${entry.tool.name}`;
  if (!call.cancellation.isCancelled) return toolError(reportUnexpected(error, where, logger));
  logger.debug?.(`${where} stopped after its cancellation: ${String(error)}`);
  return toolError('Cancelled');
}

function isTooMany(error: unknown): boolean {
  return isHttpException(error) && error.getStatus() === 429;
}

/** Failures of a conversation with the client, of which a handle is a part: their messages are for it, or its own. */
function isAnswerable(error: unknown, { era }: Call): error is Error {
  if (error instanceof McpMissingCapabilityError) return era.missingCapabilityIsToolError;
  return (
    error instanceof McpClientAnswerError ||
    error instanceof ClientRequestTimeoutError ||
    error instanceof McpHandleError
  );
}
