import type { InputRequest } from '../protocol/input-required.js';
import { isObject } from '../protocol/json-rpc.js';
import { invalidParams } from '../protocol/mcp.error.js';
import { McpMissingCapabilityError } from '../protocol/missing-capability.error.js';
import type { ClientCapabilities } from '../protocol/types/capabilities.js';
import type { AnsweredQuestion, AskedQuestion } from './question.js';

/** Checks whether a client says what its model has said. */
export function isModelMessage({ model, content }: Readonly<Record<string, unknown>>): boolean {
  return typeof model === 'string' && typeof content === 'object' && content !== null;
}

type InputMethod = InputRequest['method'];

const IS_ANSWER: Readonly<Record<InputMethod, (answer: Readonly<Record<string, unknown>>) => boolean>> = {
  'elicitation/create': ({ action }) => action === 'accept' || action === 'decline' || action === 'cancel',
  'sampling/createMessage': isModelMessage,
  'roots/list': ({ roots }) => Array.isArray(roots),
};

/**
 * The answers to what was asked; without `asked` all of them, for questions that are yet to come. Others are ignored, a
 * malformed one is the client's error.
 */
export function readAnswers(
  responses: unknown,
  asked: Readonly<Record<string, AskedQuestion>> | undefined,
): Readonly<Record<string, AnsweredQuestion>> {
  if (!isObject(responses)) throw invalidParams('inputResponses must be an object');
  const answers = new Map<string, AnsweredQuestion>();
  for (const [key, answer] of Object.entries(responses)) {
    const question = asked && Object.hasOwn(asked, key) ? asked[key] : undefined;
    if (!isObject(answer) || (question && !IS_ANSWER[question.method](answer))) {
      throw invalidParams(`inputResponses["${key}"] is no answer${question ? ` to ${question.method}` : ''}`);
    }
    if (question || !asked)
      answers.set(key, { ...(question?.question !== undefined && { question: question.question }), answer });
  }
  return Object.fromEntries(answers);
}

/** Throws `-32021` for a question that the client did not declare to answer. */
export function assertAnswerable({ method, params = {} }: InputRequest, client: ClientCapabilities): void {
  const { elicitation, sampling, roots } = client;
  if (method === 'roots/list' && !roots) throw new McpMissingCapabilityError({ roots: {} });
  if (method === 'sampling/createMessage') {
    if (!sampling) throw new McpMissingCapabilityError({ sampling: {} });
    const needsTools = params['tools'] !== undefined || params['toolChoice'] !== undefined;
    if (needsTools && !sampling.tools) throw new McpMissingCapabilityError({ sampling: { tools: {} } });
  }
  if (method !== 'elicitation/create') return;
  if (params['mode'] === 'url') {
    if (!elicitation?.url) throw new McpMissingCapabilityError({ elicitation: { url: {} } });
    return;
  }
  // A client that names no mode supports forms.
  if (!elicitation || (elicitation.url && !elicitation.form))
    throw new McpMissingCapabilityError({ elicitation: {} });
}

/** The parameters of a question to the model without a hint that only those may be given who declared to know it. */
export function withoutUndeclaredContext<P extends Readonly<Record<string, unknown>>>(
  params: P,
  { sampling }: ClientCapabilities,
): P | Omit<P, 'includeContext'> {
  if (sampling?.context) return params;
  const { includeContext: _, ...rest } = params;
  return rest;
}

/** A request as this client may be sent it. */
export function sendable(request: InputRequest, capabilities: ClientCapabilities): InputRequest {
  if (request.method !== 'sampling/createMessage') return request;
  return { ...request, params: withoutUndeclaredContext(request.params ?? {}, capabilities) };
}
