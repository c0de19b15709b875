import { InputRequired, type InputRequest } from '../protocol/input-required.js';
import type { JsonRpcErrorObject } from '../protocol/json-rpc.js';
import { invalidParams, McpError } from '../protocol/mcp.error.js';
import type { McpImplementation } from '../protocol/types/implementation.js';
import type { Schema } from '../schema/schema.js';
import type { SchemaSource } from '../schema/schema-source.js';
import type { AskingStrategy, Call, Method, Outcome } from '../calls/call.js';
import { Conversation } from './conversation.js';
import { isRetryable } from '../calls/failure.js';
import { assertAnswerable, readAnswers, sendable } from '../asking/input-responses.js';
import type { AnsweredQuestion } from '../asking/question.js';
import { RetryLaterError } from '../calls/retry-later.error.js';
import type { McpInstrumentation } from '../telemetry/instrumentation.js';
import type { ConversationState, RequestStates } from './request-state.js';

/** Dependencies of both strategies for modern clients. */
export interface ConversationDeps {
  readonly states: RequestStates;
  readonly serverInfo: McpImplementation;
  readonly resolveForm: (form: SchemaSource) => Promise<Schema>;
  readonly onError: (error: unknown) => void;
  readonly instrumentation: McpInstrumentation | undefined;
  /** Makes of a failure the error that a client may see, and reports the rest. */
  readonly toError: (error: unknown, call: Call) => JsonRpcErrorObject;
}

/** Most calls begin without any answers: they share what is empty. */
const NONE: Readonly<Record<string, never>> = Object.freeze({});

/**
 * Lets handlers ask modern clients, which are answered with the questions and come back with the answers.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/mrtr
 */
export abstract class ConversationStrategy implements AskingStrategy {
  readonly mayReplay = true;

  constructor(private readonly deps: ConversationDeps) {}

  /** Calls that wait for their client at this instance. */
  abstract readonly parkedCount: number;
  /** Questions that those have asked. */
  abstract readonly questionCount: number;

  abstract open(call: Call): Conversation;

  /** Ends every call that waits. */
  abstract close(): void;

  answer(call: Call, method: Method): Promise<string> {
    const { requestState, inputResponses } = call.request.params ?? {};
    if (requestState === undefined && inputResponses === undefined) return this.#run(call, method);
    return this.#continue(call, method, requestState, inputResponses);
  }

  /** Hands a retry to the call that waits for it; `undefined` if that is gone. */
  protected abstract goOn(
    call: Call,
    place: NonNullable<ConversationState['parked']>,
    answers: Readonly<Record<string, unknown>>,
  ): Promise<Outcome | undefined> | undefined;

  /** Called when the handler of a conversation has ended, and its client has heard of it. */
  protected abstract ended(conversation: Conversation): void;

  protected get instrumentation(): McpInstrumentation | undefined {
    return this.deps.instrumentation;
  }

  protected resolveForm(form: SchemaSource): Promise<Schema> {
    return this.deps.resolveForm(form);
  }

  /** Outcome that asks the client, to be continued from `state` by its next request. */
  protected ask(conversation: Conversation, state: Omit<ConversationState, 'asked'>): Outcome {
    const { call, inputRequests, asked, trace } = conversation;
    const sealed = this.deps.states.seal({ ...state, asked, ...(trace && { trace }) }, call);
    return this.#inputRequired(call, inputRequests, sealed);
  }

  /** State that a new run of the handler goes on from. */
  protected replayState(
    call: Call,
    answers = call.earlier?.answers ?? NONE,
  ): Required<Pick<ConversationState, 'answers' | 'once' | 'sentCount'>> {
    const asked = Object.entries(answers).filter(([, { question }]) => question !== undefined);
    return {
      answers: Object.fromEntries(asked),
      once: call.onceBlocks.results,
      sentCount: call.sentCount,
    };
  }

  async #continue(
    call: Call,
    method: Method,
    requestState: unknown,
    inputResponses: unknown = NONE,
  ): Promise<string> {
    const state: ConversationState =
      requestState === undefined ? { asked: NONE } : this.deps.states.open(requestState, call);
    const answers = readAnswers(inputResponses, requestState === undefined ? undefined : state.asked);
    if (state.trace) this.deps.instrumentation?.link(state.trace);
    if (state.parked) {
      const outcome = await this.goOn(call, state.parked, valuesOf(answers));
      if (outcome) return readOutcome(outcome);
      if (!state.answers) {
        throw invalidParams('The call that requestState belongs to is over; call again without it');
      }
    }
    const { once = NONE, sentCount = 0, own } = state;
    call.earlier = { answers: { ...state.answers, ...answers }, once, sentCount, own };
    return this.#run(call, method);
  }

  /** Runs the handler from the top. */
  #run(call: Call, method: Method): Promise<string> {
    return new Promise((resolve, reject) => {
      call.attach(call, (outcome) => {
        if ('result' in outcome) resolve(outcome.result);
        else reject(toMcpError(outcome));
      });
      void this.#finish(call, method);
    });
  }

  async #finish(call: Call, method: Method): Promise<void> {
    let outcome: Outcome;
    try {
      const result = await method(call);
      outcome = this.#diverged(call) ?? {
        result: typeof result === 'string' ? result : JSON.stringify(result),
      };
    } catch (error) {
      outcome = this.#diverged(call) ?? this.#failed(error, call);
    }
    const conversation = conversationOf(call);
    if (!conversation) return call.settle(outcome);
    // An outcome that no request has heard waits for the one that does.
    if (conversation.end(outcome)) this.ended(conversation);
  }

  /** Outcome of a handler that did not ask what it asked before, whatever else has become of it. */
  #diverged(call: Call): Outcome | undefined {
    const divergence = conversationOf(call)?.divergence;
    if (!divergence) return undefined;
    this.deps.onError(divergence);
    return this.#failure(divergence, call);
  }

  #failed(error: unknown, call: Call): Outcome {
    return error instanceof InputRequired ? this.#ownQuestions(error, call) : this.#failure(error, call);
  }

  /** The handler asks round by round, of its own accord. */
  #ownQuestions({ options }: InputRequired, call: Call): Outcome {
    const { inputRequests = {}, requestState: own } = options;
    try {
      const requests = Object.entries(inputRequests);
      for (const [, request] of requests) assertAnswerable(request, call.clientCapabilities);
      const { answers, once } = this.replayState(call, conversationOf(call)?.answers);
      const isMemorable = own !== undefined || [answers, once].some((each) => Object.keys(each).length > 0);
      const asked = Object.fromEntries(requests.map(([key, { method }]) => [key, { method }]));
      const state = { asked, answers, once, ...(own !== undefined && { own }) };
      const requestState = isMemorable ? this.deps.states.seal(state, call) : undefined;
      const sent = requests.map(
        ([key, request]) => [key, sendable(request, call.clientCapabilities)] as const,
      );
      return this.#inputRequired(call, options.inputRequests && Object.fromEntries(sent), requestState);
    } catch (error) {
      return this.#failure(error, call);
    }
  }

  #inputRequired(
    { era }: Call,
    inputRequests: Readonly<Record<string, InputRequest>> | undefined,
    requestState: string | undefined,
  ): Outcome {
    const result = {
      resultType: 'input_required',
      ...(inputRequests && { inputRequests }),
      ...(requestState !== undefined && { requestState }),
    };
    return { result: JSON.stringify(era.complete(result, this.deps.serverInfo)) };
  }

  #failure(error: unknown, call: Call): Outcome {
    return { error: this.deps.toError(error, call), ...(isRetryable(error) && { isRetryable: true }) };
  }
}

function conversationOf({ openAsking }: Call): Conversation | undefined {
  const asking = openAsking?.inner ?? openAsking;
  return asking instanceof Conversation ? asking : undefined;
}

function valuesOf(answers: Readonly<Record<string, AnsweredQuestion>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(answers).map(([key, { answer }]) => [key, answer]));
}

function readOutcome(outcome: Outcome): string {
  if ('result' in outcome) return outcome.result;
  throw toMcpError(outcome);
}

function toMcpError({ error, isRetryable: isSoon }: Extract<Outcome, { readonly error: unknown }>): McpError {
  return isSoon ? new RetryLaterError(error.message) : new McpError(error.code, error.message, error.data);
}
