import { isObject } from '../../protocol/json-rpc.js';
import { invalidParams } from '../../protocol/mcp.error.js';
import type { PromptEntry } from '../../registry/entries.js';
import type { ValidationIssue } from '../../schema/schema.js';
import { toPromptResult } from '../../results/prompt-result.js';
import { ownArguments } from '../../calls/own-arguments.js';
import { runOrRefuse } from '../../calls/run-handler.js';
import type { ServerLists } from '../server-lists.js';
import type { ServerParts } from '../server-parts.js';
import { describeIssues } from '../../results/tool-result.js';
import type { Method } from '../../calls/call.js';

/** @see https://modelcontextprotocol.io/specification/2026-07-28/server/prompts#listing-prompts */
export function listPrompts({ prompts }: ServerLists): Method {
  return (call) => prompts.pages.get(call);
}

/** @see https://modelcontextprotocol.io/specification/2026-07-28/server/prompts#getting-a-prompt */
export function getPrompt({ serverInfo, logger }: ServerParts, { prompts }: ServerLists): Method {
  return async (call) => {
    const { name, arguments: given = {} } = call.request.params ?? {};
    if (typeof name !== 'string') throw invalidParams('name must be a string');
    if (!isObject(given)) throw invalidParams('arguments must be an object');
    const entry = await prompts.visibility.find(name, call);
    if (!entry) throw unknownPrompt(name);

    const args = await validate(ownArguments(given, call), entry, logger);
    const value = await runOrRefuse(entry, { args }, call);
    return call.era.complete(toPromptResult(value, entry.prompt.description), serverInfo);
  };
}

/** Error for an unknown prompt. */
export function unknownPrompt(name: string) {
  return invalidParams(`Unknown prompt: ${name}`);
}

async function validate(
  given: Readonly<Record<string, unknown>>,
  { prompt, input }: PromptEntry,
  logger: ServerParts['logger'],
): Promise<unknown> {
  const refuse = (issues: readonly ValidationIssue[]) => {
    const described = describeIssues(issues);
    logger.debug?.(`Prompt ${prompt.name} was called with invalid arguments. ${described}`);
    return invalidParams(described);
  };
  const issues = Object.entries(given)
    .filter(([, value]) => typeof value !== 'string')
    .map(([path]) => ({ path, message: 'must be a string' }));
  if (issues.length > 0) throw refuse(issues);
  if (!input) return given;
  const validation = await input.validate(given);
  if (!validation.ok) throw refuse(validation.issues);
  return validation.value;
}
