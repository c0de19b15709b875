import type { Call, Outcome } from '../calls/call.js';
import { ConversationStrategy, type ConversationDeps } from './conversation-strategy.js';
import { ParkedCalls, type Parking } from './parked-calls.js';
import { ParkedConversation } from './parked-conversation.js';
import type { Place } from './relay.js';

/** Dependencies of calls that wait for their clients. */
export interface ParkedAskingDeps extends ConversationDeps, Parking {
  /** Checks whether the handler of a call may be replayed if the waiting one is lost. */
  readonly isRepeatable: (call: Call) => boolean;
}

/**
 * Lets the running handler wait: the next request of its client, at whichever instance, goes on with it. A waiting handler
 * that is lost is replayed where it may be repeated.
 */
export class ParkedAsking extends ConversationStrategy {
  readonly #deps: ParkedAskingDeps;
  readonly #parked: ParkedCalls;

  constructor(deps: ParkedAskingDeps) {
    super(deps);
    this.#deps = deps;
    this.#parked = new ParkedCalls(deps);
  }

  get parkedCount(): number {
    return this.#parked.size;
  }

  get questionCount(): number {
    return this.#parked.questionCount;
  }

  open(call: Call): ParkedConversation {
    const conversation: ParkedConversation = new ParkedConversation(call, {
      defaultTimeoutMs: this.#deps.adapter.defaultTimeoutMs,
      instrumentation: this.instrumentation,
      resolveForm: (form) => this.resolveForm(form),
      put: () => this.#put(conversation),
    });
    return conversation;
  }

  close(): void {
    this.#parked.close();
  }

  async #put(conversation: ParkedConversation): Promise<void> {
    const { call } = conversation;
    const parked = this.#parked.placeOf(conversation);
    const repeated = this.#deps.isRepeatable(call) ? this.replayState(call, conversation.answers) : {};
    const outcome = this.ask(conversation, { parked, ...repeated });
    await this.#parked.park(conversation, parked);
    conversation.round = parked.round;
    conversation.park(outcome);
  }

  protected goOn(
    call: Call,
    place: Place,
    answers: Readonly<Record<string, unknown>>,
  ): Promise<Outcome | undefined> {
    return this.#parked.goOn(call, place, answers);
  }

  protected ended(conversation: ParkedConversation): void {
    this.#parked.ended(conversation);
  }
}
