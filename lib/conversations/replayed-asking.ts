import type { Call, Outcome } from '../calls/call.js';
import { Conversation } from './conversation.js';
import { ConversationStrategy } from './conversation-strategy.js';

/** Runs the handler again from the top with the answers so far: nothing is kept between two requests. */
export class ReplayedAsking extends ConversationStrategy {
  readonly parkedCount = 0;
  readonly questionCount = 0;

  open(call: Call): Conversation {
    const conversation: Conversation = new Conversation(call, {
      defaultTimeoutMs: undefined,
      instrumentation: this.instrumentation,
      resolveForm: (form) => this.resolveForm(form),
      put: () => this.#put(conversation),
    });
    return conversation;
  }

  close(): void {}

  /** Not to be interrupted: a block that ended between sealing and suspending would run again. */
  #put(conversation: Conversation): void {
    const state = this.replayState(conversation.call, conversation.answers);
    conversation.suspend(this.ask(conversation, state));
  }

  /** A call parked by an instance that has an adapter. */
  protected goOn(): Promise<Outcome | undefined> | undefined {
    return undefined;
  }

  protected ended(): void {}
}
