import type { InputRequest } from '../protocol/input-required.js';
import { isObject } from '../protocol/json-rpc.js';
import { invalidParams } from '../protocol/mcp.error.js';
import { McpMissingCapabilityError } from '../protocol/missing-capability.error.js';
import type { ClientCapabilities } from '../protocol/types/capabilities.js';

type InputMethod = InputRequest['method'];

const IS_ANSWER: Readonly<Record<InputMethod, (answer: Readonly<Record<string, unknown>>) => boolean>> = {
  'elicitation/create': ({ action }) => action === 'accept' || action === 'decline' || action === 'cancel',
  'sampling/createMessage': ({ model, content }) => typeof model === 'string' && typeof content === 'object',
  'roots/list': ({ roots }) => Array.isArray(roots),
};

/** The answers to what was asked. Others are ignored; a malformed one is the client's error. */
export function readAnswers(
  responses: Readonly<Record<string, unknown>>,
  asked: Readonly<Record<string, InputMethod>>,
): Readonly<Record<string, unknown>> {
  const answers: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const [key, response] of Object.entries(responses)) {
    const method = Object.hasOwn(asked, key) ? asked[key] : undefined;
    if (!isObject(response) || (method && !IS_ANSWER[method](response))) {
      throw invalidParams(`inputResponses["${key}"] is no answer${method ? ` to ${method}` : ''}`);
    }
    answers[key] = response;
  }
  return answers;
}

/** Throws `-32021` for a kind of question the client did not declare. */
export function assertAsked(requests: Readonly<Record<string, InputRequest>>, client: ClientCapabilities): void {
  for (const { method } of Object.values(requests)) {
    if (method === 'elicitation/create' && !client.elicitation) throw new McpMissingCapabilityError({ elicitation: {} });
    if (method === 'sampling/createMessage' && !client.sampling) throw new McpMissingCapabilityError({ sampling: {} });
    if (method === 'roots/list' && !client.roots) throw new McpMissingCapabilityError({ roots: {} });
  }
}
