import type { ClientRequestAdapter } from '../adapters/client-request.adapter.js';
import { InputRequired, type InputRequest } from '../protocol/input-required.js';
import { isObject, type JsonRpcErrorObject } from '../protocol/json-rpc.js';
import { invalidParams, McpError, McpErrorCode } from '../protocol/mcp.error.js';
import type { Implementation } from '../protocol/types/implementation.js';
import type { Asking } from './asking.js';
import { assertAsked, readAnswers } from './input-responses.js';
import { Conversation, type ConversationStart } from './conversation.js';
import { deliver, RemoteCall, RemoteExchange, type Exchange, type Outcome, type Retry } from './exchange.js';
import type { Conversing, Line, RequestContext } from './request-context.js';
import type { ConversationState, RequestStates } from './request-state.js';

type Method = Parameters<Conversing['run']>[1];

/** What conversations are held with. */
export interface ConversationServices {
  /** Absent where handlers are run again with the answers. */
  readonly adapter: ClientRequestAdapter | undefined;
  readonly states: RequestStates;
  readonly serverInfo: Implementation;
  readonly resolve: Asking['resolve'];
  readonly maxParkedCalls: number;
  readonly parkTimeoutMs: number;
  /** Whether the handler of a call may be run a second time. */
  readonly isRepeatable: (call: RequestContext) => boolean;
  /** What is left to say of an error that no client hears of. */
  readonly toError: (error: unknown, call: RequestContext) => JsonRpcErrorObject;
}

const PARKED_TOO_MANY = 'Too many calls wait for their clients; try again later';

/**
 * Lets handlers ask modern clients, who are not asked but told to come back with answers. With an adapter the running
 * handler waits (it is parked) and the next request, at whichever instance, goes on with it; without one, or if the
 * waiting handler is lost and may be repeated, it runs again from the top with the answers so far.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/mrtr
 */
export class Conversations implements Conversing {
  readonly #services: ConversationServices;
  /** The requests that wait here for the outcome of a parked call, by channel. */
  readonly #exchanges = new Map<string, Exchange>();
  readonly #parked = new Map<Conversation, (reason: Error) => void>();

  constructor(services: ConversationServices) {
    this.#services = services;
  }

  get parkedCount(): number {
    return this.#parked.size;
  }

  async run(call: RequestContext, method: Method): Promise<string> {
    const { requestState, inputResponses } = call.request.params ?? {};
    if (inputResponses !== undefined && !isObject(inputResponses)) {
      throw invalidParams('inputResponses must be an object');
    }
    if (requestState === undefined) return this.#begin(call, method, { asked: {} }, inputResponses);
    const state = this.#services.states.open(requestState, call);
    return (
      (await this.#goOn(call, state, readAnswers(inputResponses ?? {}, state.asked))) ??
      this.#begin(call, method, state, inputResponses)
    );
  }

  /** Ends every call that waits. */
  close(): void {
    for (const end of [...this.#parked.values()]) end(new Error('The server is shutting down'));
  }

  /** Runs the handler from the top, with what it is known to have been answered. */
  async #begin(
    call: RequestContext,
    method: Method,
    { answers = {}, once = {}, own, asked }: ConversationState,
    inputResponses: Readonly<Record<string, unknown>> | undefined,
  ): Promise<string> {
    const given = readAnswers(inputResponses ?? {}, asked);
    const start: ConversationStart = {
      adapter: this.#services.adapter,
      answers: { ...answers, ...Object.fromEntries(Object.entries(given).map(([key, answer]) => [key, { answer }])) },
      once,
      inputResponses,
      requestState: own,
    };
    return new Promise((resolve, reject) => {
      const conversation = new Conversation(start, (it) => this.#questions(it, context));
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
        asking: { ask: (question) => conversation.ask(question), resolve: this.#services.resolve },
        line: () => conversation.line,
        memory: conversation,
      };
      conversation.attach(toExchange(call, resolve, reject));
      void this.#finish(conversation, context, method);
    });
  }

  async #finish(conversation: Conversation, context: RequestContext, method: Method): Promise<void> {
    let outcome: Outcome;
    try {
      const result = await method(context);
      outcome = { result: typeof result === 'string' ? result : JSON.stringify(result) };
    } catch (error) {
      outcome = error instanceof InputRequired ? this.#ownQuestions(error, context) : this.#failure(error, context);
    }
    if (conversation.finish(outcome)) this.#parked.get(conversation)?.(new Error('The call has come to its end'));
  }

  /** Hands a retry to the call that waits for it; `undefined` if there is none and the handler may run again. */
  async #goOn(
    call: RequestContext,
    state: ConversationState,
    answers: Readonly<Record<string, unknown>>,
  ): Promise<string | undefined> {
    const { adapter, parkTimeoutMs } = this.#services;
    if (!state.parked) return undefined;
    const remote = adapter && new RemoteCall(adapter, parkTimeoutMs);
    const outcome = adapter && remote && (await this.#handOver(call, state.parked, answers, adapter, remote));
    if (outcome) return readOutcome(outcome);
    if (state.answers) return undefined;
    throw invalidParams('The call that requestState belongs to is over; call again without it');
  }

  async #handOver(
    call: RequestContext,
    parked: NonNullable<ConversationState['parked']>,
    answers: Readonly<Record<string, unknown>>,
    adapter: ClientRequestAdapter,
    remote: RemoteCall,
  ): Promise<Outcome | undefined> {
    const { channel } = remote;
    const here = new Promise<Outcome>((resolve) => this.#exchanges.set(channel, { ...lineOf(call), settle: resolve }));
    const retry: Retry = {
      channel,
      answers,
      progressToken: call.progressToken() ?? null,
      logLevel: (await call.logLevel()) ?? null,
    };
    const cancel = () => void deliver(adapter, parked.id, cancelKey(channel), null).catch(() => false);
    const { signal } = call.cancellation;
    try {
      if (!(await adapter.resolvePending(parked.id, retryKey(parked.round), retry))) return undefined;
      signal.addEventListener('abort', cancel);
      if (signal.aborted) cancel();
      return await Promise.race([here, remote.outcome(call)]);
    } finally {
      signal.removeEventListener('abort', cancel);
      this.#exchanges.delete(channel);
      await remote.end();
    }
  }

  /** The outcome that tells the client what to answer; from here on the call waits for a retry. */
  async #questions(conversation: Conversation, call: RequestContext): Promise<Outcome> {
    const { adapter, states, isRepeatable } = this.#services;
    try {
      const { asked, answers, once } = conversation.state;
      const repeatable = !adapter || isRepeatable(call) ? { answers, once } : {};
      const parked = adapter && { id: conversation.id, round: await this.#park(conversation, call, adapter) };
      const requestState = states.seal({ ...(parked && { parked }), asked, ...repeatable }, call);
      if (!parked) call.cancellation.cancel('The call goes on in the next request');
      return this.#inputRequired(call, conversation.inputRequests, requestState);
    } catch (error) {
      await conversation.abandon(error as Error);
      return this.#failure(error, call);
    }
  }

  /** Makes the call wait for its next request; returns how often it has waited by now. */
  async #park(conversation: Conversation, call: RequestContext, adapter: ClientRequestAdapter): Promise<number> {
    const { maxParkedCalls, parkTimeoutMs } = this.#services;
    if (this.#parked.size >= maxParkedCalls && !this.#parked.has(conversation)) {
      throw new McpError(McpErrorCode.InternalError, PARKED_TOO_MANY);
    }
    const round = ++conversation.round;
    const { promise, ready } = adapter.createPending(conversation.id, retryKey(round), { timeoutMs: parkTimeoutMs });
    const end = (reason: Error) => void adapter.rejectPending(conversation.id, retryKey(round), reason);
    this.#parked.set(conversation, end);
    promise.then(
      (retry) => this.#receive(conversation, call, retry as Retry, adapter),
      (reason: unknown) => this.#expire(conversation, call, reason as Error),
    );
    await ready;
    return round;
  }

  async #receive(
    conversation: Conversation,
    call: RequestContext,
    retry: Retry,
    adapter: ClientRequestAdapter,
  ): Promise<void> {
    this.#parked.delete(conversation);
    const stop = () => void this.#expire(conversation, call, new Error('The client closed the connection'));
    const { promise } = adapter.createPending(conversation.id, cancelKey(retry.channel), {
      timeoutMs: this.#services.parkTimeoutMs,
    });
    const exchange = this.#exchanges.get(retry.channel) ?? new RemoteExchange(adapter, retry, stop);
    promise.then(stop, () => {});
    conversation.attach({
      progressToken: () => exchange.progressToken(),
      logLevel: () => exchange.logLevel(),
      outbound: exchange.outbound,
      settle(outcome) {
        void adapter.rejectPending(conversation.id, cancelKey(retry.channel), new Error('The retry is answered'));
        exchange.settle(outcome);
      },
    });
    await conversation.answer(retry.answers);
  }

  async #expire(conversation: Conversation, call: RequestContext, reason: Error): Promise<void> {
    this.#parked.delete(conversation);
    if (conversation.isFinished) return;
    call.cancellation.cancel(reason.message);
    await conversation.abandon(reason);
  }

  /** The handler asks round by round, of its own accord. */
  #ownQuestions({ options }: InputRequired, call: RequestContext): Outcome {
    const { inputRequests, requestState: own } = options;
    try {
      assertAsked(inputRequests ?? {}, call.clientCapabilities);
      const asked = Object.fromEntries(Object.entries(inputRequests ?? {}).map(([key, { method }]) => [key, method]));
      const state = this.#services.states.seal({ asked, ...(own !== undefined && { own }) }, call);
      return this.#inputRequired(call, inputRequests, own === undefined && inputRequests ? undefined : state);
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
    return { error: this.#services.toError(error, call) };
  }
}

function toExchange(call: Line, resolve: (result: string) => void, reject: (error: McpError) => void): Exchange {
  return {
    ...lineOf(call),
    settle(outcome) {
      if ('result' in outcome) resolve(outcome.result);
      else reject(toMcpError(outcome.error));
    },
  };
}

function lineOf(call: Line): Line {
  return { progressToken: () => call.progressToken(), logLevel: () => call.logLevel(), outbound: call.outbound };
}

function readOutcome(outcome: Outcome): string {
  if ('result' in outcome) return outcome.result;
  throw toMcpError(outcome.error);
}

function toMcpError({ code, message, data }: JsonRpcErrorObject): McpError {
  return new McpError(code, message, data);
}

function retryKey(round: number): string {
  return `~retry:${round}`;
}

function cancelKey(channel: string): string {
  return `~cancel:${channel}`;
}
