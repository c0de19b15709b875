import type { Era } from '../protocol/era.js';
import { isObject } from '../protocol/json-rpc.js';
import type { ClientCapabilities } from '../protocol/types/capabilities.js';
import type { ElicitResult } from '../protocol/types/elicitation.js';
import type { McpRoot } from '../protocol/types/roots.js';
import type { CreateMessageParams, CreateMessageResult } from '../protocol/types/sampling.js';
import type { AskOptions, ElicitOptions } from '../registry/mcp-context.js';
import type { SchemaSource } from '../schema/schema-source.js';
import type { Schema } from '../schema/schema.js';
import { McpClientAnswerError } from './client-answer.error.js';
import { toRequestedSchema } from './elicitation-schema.js';
import { assertAnswerable, isModelMessage, withoutUndeclaredContext } from './input-responses.js';
import { assertGiven, assertQuestion, readRetries } from './misuse.js';
import type { Question } from './question.js';
import { assertToolTurns } from './tool-turns.js';

/** Client that is asked, and the way of questions to it. */
export interface Respondent {
  readonly era: Era;
  readonly clientCapabilities: ClientCapabilities;
  /** Resolves with the `result` of the client's answer. */
  ask(question: Question): Promise<unknown>;
  /** Prepares a form. */
  resolve(form: SchemaSource): Promise<Schema>;
  /** Names a question. Called at once, so that the order of the handler counts. */
  nameQuestion(kind: string, chosen: string | undefined): string;
}

/** @see https://modelcontextprotocol.io/specification/2026-07-28/client/elicitation */
export async function elicit(respondent: Respondent, options: ElicitOptions): Promise<ElicitResult> {
  assertQuestion(options);
  const { message, timeoutMs } = options;
  const retries = readRetries('elicit', options);
  const key = respondent.nameQuestion('elicitation', options.key);
  const method = 'elicitation/create';
  if ('url' in options) {
    assertAnswerable({ method, params: { mode: 'url' } }, respondent.clientCapabilities);
    const params = respondent.era.urlElicitation({ mode: 'url', message, url: new URL(options.url).href });
    return readElicitResult(await respondent.ask({ method, params, timeoutMs, retries, key }));
  }
  assertAnswerable({ method }, respondent.clientCapabilities);
  const schema = await respondent.resolve(options.schema);
  const params = { message, requestedSchema: toRequestedSchema(schema.jsonSchema) };
  const answer = readElicitResult(await respondent.ask({ method, params, timeoutMs, retries, key }));
  if (answer.action !== 'accept') return answer;
  const validation = await schema.validate(answer.content ?? {});
  if (validation.ok) return { ...answer, content: validation.value as Record<string, unknown> };
  const issues = validation.issues.map(({ path, message: issue }) =>
    path === '' ? issue : `${path}: ${issue}`,
  );
  throw new McpClientAnswerError(`The answer does not fit the form: ${issues.join('; ')}`);
}

/** @see https://modelcontextprotocol.io/specification/2026-07-28/client/sampling */
export async function sample(
  respondent: Respondent,
  options: CreateMessageParams & AskOptions,
): Promise<CreateMessageResult> {
  assertGiven('sample', options, { messages: 'a list', maxTokens: 'a number' });
  const retries = readRetries('sample', options);
  const { timeoutMs, retries: _, key: chosen, ...given } = options;
  const method = 'sampling/createMessage';
  const key = respondent.nameQuestion('sampling', chosen);
  const params = withoutUndeclaredContext({ ...given }, respondent.clientCapabilities);
  assertAnswerable({ method, params }, respondent.clientCapabilities);
  assertToolTurns(given.messages);
  const answer = await respondent.ask({ method, params, timeoutMs, retries, key });
  if (!isObject(answer) || !isModelMessage(answer)) {
    throw new McpClientAnswerError('The client sent no message of its model');
  }
  return answer as unknown as CreateMessageResult;
}

/** @see https://modelcontextprotocol.io/specification/2026-07-28/client/roots */
export async function listRoots(respondent: Respondent, options: AskOptions): Promise<readonly McpRoot[]> {
  const retries = readRetries('listRoots', options);
  const { timeoutMs, key: chosen } = options;
  const method = 'roots/list';
  const key = respondent.nameQuestion('roots', chosen);
  assertAnswerable({ method }, respondent.clientCapabilities);
  const answer = await respondent.ask({ method, params: {}, timeoutMs, retries, key });
  const roots = isObject(answer) ? answer['roots'] : undefined;
  if (!Array.isArray(roots) || !roots.every((root) => isObject(root) && typeof root['uri'] === 'string')) {
    throw new McpClientAnswerError('The client sent no list of roots');
  }
  return roots as McpRoot[];
}

function readElicitResult(answer: unknown): ElicitResult {
  const action = isObject(answer) ? answer['action'] : undefined;
  if (action === 'accept') return answer as ElicitResult;
  if (action === 'decline' || action === 'cancel') return { action };
  throw new McpClientAnswerError('The client sent no answer to the question');
}
