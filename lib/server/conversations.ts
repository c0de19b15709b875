import type { ClientRequestAdapter } from '../adapters/client-request.adapter.js';
import { InputRequired, type InputRequest } from '../protocol/input-required.js';
import type { JsonRpcErrorObject } from '../protocol/json-rpc.js';
import { invalidParams, McpError } from '../protocol/mcp.error.js';
import type { Implementation } from '../protocol/types/implementation.js';
import type { Asking } from './asking.js';
import { callerKey } from './caller-key.js';
import { Conversation } from './conversation.js';
import type { Exchange, Outcome } from './exchange.js';
import { isPassing } from './failure.js';
import { assertAnswerable, withoutUndeclaredContext, readAnswers } from './input-responses.js';
import type { Method } from './methods/method.js';
import { RetryLaterError } from './retry-later.error.js';
import { ParkedCalls, type Parking } from './parked-calls.js';
import type { Conversing, RequestContext } from './request-context.js';
import type { Answered, ConversationState, RequestStates } from './request-state.js';

/** What conversations are held with. */
export interface ConversationServices extends Omit<Parking, 'adapter'> {
  /** Absent where handlers are run again with the answers. */
  readonly adapter: ClientRequestAdapter | undefined;
  readonly states: RequestStates;
  readonly serverInfo: Implementation;
  readonly resolve: Asking['resolve'];
  /** Whether the handler of a call may be run a second time. */
  readonly isRepeatable: (call: RequestContext) => boolean;
  /** What is left to say of an error that no client hears of. */
  readonly toError: (error: unknown, call: RequestContext) => JsonRpcErrorObject;
}

/** Most calls begin without any answers and end without any questions: they share what is empty. */
const NONE: Readonly<Record<string, never>> = Object.freeze({});
const NEW: ConversationState = { asked: NONE };

/**
 * Lets handlers ask modern clients, who are not asked but told to come back with answers. With an adapter the running
 * handler waits (it is parked) and the next request, at whichever instance, goes on with it; without one, or if the
 * waiting handler is lost and may be repeated, it runs again from the top with the answers so far.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/mrtr
 */
export class Conversations implements Conversing {
  readonly #services: ConversationServices;
  readonly #parked: ParkedCalls | undefined;

  constructor(services: ConversationServices) {
    this.#services = services;
    const { adapter } = services;
    this.#parked = adapter && new ParkedCalls({ ...services, adapter });
  }

  get parkedCount(): number {
    return this.#parked?.size ?? 0;
  }

  get questionCount(): number {
    return this.#parked?.questionCount ?? 0;
  }

  async run(call: RequestContext, method: Method): Promise<string> {
    const { requestState, inputResponses = NONE } = call.request.params ?? {};
    if (requestState === undefined) {
      const given = inputResponses === NONE ? NONE : readAnswers(inputResponses, undefined);
      return this.#begin(call, method, NEW, given);
    }
    const state = this.#services.states.open(requestState, call);
    const answers = readAnswers(inputResponses, state.asked);
    return (await this.#goOn(call, state, answers)) ?? this.#begin(call, method, state, answers);
  }

  /** Ends every call that waits. */
  close(): void {
    this.#parked?.close();
  }

  /** Runs the handler from the top, with what it is known to have been answered. */
  #begin(
    call: RequestContext,
    method: Method,
    { answers, once = NONE, told = 0, own }: ConversationState,
    given: Readonly<Record<string, Answered>>,
  ): Promise<string> {
    const { adapter, resolve: resolveForm } = this.#services;
    const { inputResponses } = call.request.params ?? {};
    // Known while the first request is there: of a connection that is gone there is no address.
    let caller: string | undefined;
    const conversation = new Conversation(
      {
        cancellation: call.cancellation,
        defaultTimeoutMs: adapter?.defaultTimeoutMs,
        answers: answers ? { ...answers, ...given } : given,
        once,
        told,
        inputResponses: inputResponses as Readonly<Record<string, unknown>> | undefined,
        requestState: own,
      },
      (it) => this.#questions(it, context, (caller ??= callerKey(call))),
    );
    const context: RequestContext = {
      era: call.era,
      version: call.version,
      request: call.request,
      clientInfo: call.clientInfo,
      clientCapabilities: call.clientCapabilities,
      progressToken: () => call.progressToken(),
      logLevel: () => call.logLevel(),
      outbound: call.outbound,
      principal: call.principal,
      http: call.http,
      cancellation: call.cancellation,
      session: call.session,
      handles: call.handles,
      refuseTool: call.refuseTool,
      asking: {
        ask: (question) => conversation.ask(question),
        resolve: (form) => conversation.prepare(resolveForm(form)),
      },
      line: () => conversation.line,
      memory: conversation,
    };
    return new Promise((resolve, reject) => {
      conversation.attach(new OwnExchange(call, resolve, reject));
      void this.#finish(conversation, context, method);
    });
  }

  async #finish(conversation: Conversation, context: RequestContext, method: Method): Promise<void> {
    const outcome = await this.#outcomeOf(conversation, context, method);
    // Nobody may have heard of it yet: then it waits for the request that does.
    if (conversation.finish(outcome)) this.#parked?.release(conversation);
  }

  async #outcomeOf(conversation: Conversation, context: RequestContext, method: Method): Promise<Outcome> {
    try {
      const result = await method(context);
      if (conversation.divergence) throw conversation.divergence;
      return { result: typeof result === 'string' ? result : JSON.stringify(result) };
    } catch (error) {
      if (conversation.divergence) this.#services.onError(conversation.divergence);
      const failure = conversation.divergence ?? error;
      return failure instanceof InputRequired
        ? this.#ownQuestions(failure, conversation, context)
        : this.#failure(failure, context);
    }
  }

  /** Hands a retry to the call that waits for it; `undefined` if there is none and the handler may run again. */
  async #goOn(
    call: RequestContext,
    state: ConversationState,
    answers: Readonly<Record<string, Answered>>,
  ): Promise<string | undefined> {
    if (!state.parked) return undefined;
    const given = Object.entries(answers).map(([key, { answer }]) => [key, answer]);
    const outcome = await this.#parked?.goOn(
      call,
      state.parked,
      Object.fromEntries(given) as Record<string, unknown>,
    );
    if (outcome) return readOutcome(outcome);
    if (state.answers) return undefined;
    throw invalidParams('The call that requestState belongs to is over; call again without it');
  }

  /** The outcome that tells the client what to answer; from here on the call waits for its next request. */
  async #questions(conversation: Conversation, call: RequestContext, caller: string): Promise<Outcome> {
    const { states, isRepeatable } = this.#services;
    const { inputRequests } = conversation;
    const { asked, ...rest } = conversation.state;
    const parked = this.#parked && { id: conversation.id, round: conversation.round + 1 };
    const repeated = !parked || isRepeatable(call) ? rest : {};
    const requestState = states.seal({ ...(parked && { parked }), asked, ...repeated }, call);
    if (parked) {
      await this.#parked?.park(conversation, parked, caller);
      conversation.round = parked.round;
    } else conversation.suspend();
    return this.#inputRequired(call, inputRequests, requestState);
  }

  /** The handler asks round by round, of its own accord. */
  #ownQuestions({ options }: InputRequired, conversation: Conversation, call: RequestContext): Outcome {
    const { inputRequests = {}, requestState: own } = options;
    try {
      const requests = Object.entries(inputRequests);
      for (const [, request] of requests) assertAnswerable(request, call.clientCapabilities);
      const { answers, once } = conversation.state;
      const isMemorable = own !== undefined || [answers, once].some((each) => Object.keys(each).length > 0);
      const asked = Object.fromEntries(requests.map(([key, { method }]) => [key, { method }]));
      const state = { asked, answers, once, ...(own !== undefined && { own }) };
      const requestState = isMemorable ? this.#services.states.seal(state, call) : undefined;
      const sent = requests.map(([key, request]) => [key, sendable(request, call)] as const);
      return this.#inputRequired(call, options.inputRequests && Object.fromEntries(sent), requestState);
    } catch (error) {
      return this.#failure(error, call);
    }
  }

  #inputRequired(
    { era }: RequestContext,
    inputRequests: Readonly<Record<string, InputRequest>> | undefined,
    requestState: string | undefined,
  ): Outcome {
    const result = {
      resultType: 'input_required',
      ...(inputRequests && { inputRequests }),
      ...(requestState !== undefined && { requestState }),
    };
    return { result: JSON.stringify(era.complete(result, this.#services.serverInfo)) };
  }

  #failure(error: unknown, call: RequestContext): Outcome {
    return { error: this.#services.toError(error, call), ...(isPassing(error) && { isPassing: true }) };
  }
}

/** The request that a call begins with. */
class OwnExchange implements Exchange {
  constructor(
    private readonly call: RequestContext,
    private readonly resolve: (result: string) => void,
    private readonly reject: (error: McpError) => void,
  ) {}

  progressToken() {
    return this.call.progressToken();
  }

  logLevel() {
    return this.call.logLevel();
  }

  get outbound() {
    return this.call.outbound;
  }

  settle(outcome: Outcome): void {
    if ('result' in outcome) this.resolve(outcome.result);
    else this.reject(toMcpError(outcome));
  }
}

function readOutcome(outcome: Outcome): string {
  if ('result' in outcome) return outcome.result;
  throw toMcpError(outcome);
}

function toMcpError({ error, isPassing }: Extract<Outcome, { readonly error: unknown }>): McpError {
  return isPassing ? new RetryLaterError(error.message) : new McpError(error.code, error.message, error.data);
}

function sendable(request: InputRequest, { clientCapabilities }: RequestContext): InputRequest {
  if (request.method !== 'sampling/createMessage') return request;
  return {
    ...request,
    params: withoutUndeclaredContext(request.params ?? {}, clientCapabilities),
  };
}
