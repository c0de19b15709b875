import { isObject } from '../../protocol/json-rpc.js';
import { invalidParams, methodNotFound } from '../../protocol/mcp.error.js';
import { readUri } from '../../protocol/normal-uri.js';
import type { CompletionRef } from '../../registry/catalog.js';
import { NO_COMPLETION, toCompletion } from '../../results/completion-result.js';
import type { Call } from '../../calls/call.js';
import { runOrRefuse } from '../../calls/run-handler.js';
import type { ServerLists } from '../server-lists.js';
import type { ServerParts } from '../server-parts.js';
import type { Method } from '../../calls/call.js';
import { unknownPrompt } from './prompts.methods.js';

interface CompletionParams {
  readonly ref: Readonly<Record<string, unknown>>;
  readonly argument: { readonly name: string; readonly value: string };
  /** The arguments that have their values already. */
  readonly given: Readonly<Record<string, string>>;
}

/** @see https://modelcontextprotocol.io/specification/2026-07-28/server/utilities/completion */
export function complete(parts: ServerParts, lists: ServerLists): Method {
  return async (call) => {
    // Of a capability that is not declared, the method is not known either.
    if (!parts.registry.hasCompleters) throw methodNotFound(call.request.method);
    const { ref, argument, given } = readParams(call.request.params);
    const target = await resolveRef(ref, call, lists);
    const completer = target && parts.registry.completer(target, argument.name);
    const completion = completer
      ? toCompletion(
          await runOrRefuse(
            { invoke: completer, timeoutMs: undefined },
            { args: argument.value, detail: given },
            call,
          ),
        )
      : NO_COMPLETION;
    return call.era.complete({ completion }, parts.serverInfo);
  };
}

/** Resolves the target of a completion; `undefined` for a resource that has no variables. */
async function resolveRef(
  { type, name, uri }: CompletionParams['ref'],
  call: Call,
  { prompts, resources, resourceTemplates }: ServerLists,
): Promise<CompletionRef | undefined> {
  if (type === 'ref/prompt' && typeof name === 'string') {
    if (await prompts.visibility.find(name, call)) return { prompt: name };
    throw unknownPrompt(name);
  }
  if (type === 'ref/resource' && typeof uri === 'string') {
    readUri(uri, 'ref.uri');
    if (await resourceTemplates.visibility.find(uri, call)) return { uriTemplate: uri };
    if (await resources.visibility.find(uri, call)) return undefined;
    throw invalidParams(`Unknown resource template: ${uri}`);
  }
  throw invalidParams('ref must be { type: "ref/prompt", name } or { type: "ref/resource", uri }');
}

function readParams(params: Readonly<Record<string, unknown>> = {}): CompletionParams {
  const { ref, argument, context } = params;
  if (!isObject(ref)) throw invalidParams('ref must be an object');
  if (!isObject(argument)) throw invalidParams('argument must be an object');
  const { name, value } = argument;
  if (typeof name !== 'string' || typeof value !== 'string') {
    throw invalidParams('argument.name and argument.value must be strings');
  }
  if (context !== undefined && !isObject(context)) throw invalidParams('context must be an object');
  const given = context?.['arguments'] ?? {};
  if (!isObject(given) || !Object.values(given).every((item) => typeof item === 'string')) {
    throw invalidParams('context.arguments must be an object of strings');
  }
  return { ref, argument: { name, value }, given: given as Record<string, string> };
}
