import { randomUUID } from 'node:crypto';
import { callerKey } from '../calls/caller-key.js';
import { Conversation } from './conversation.js';
import type { Round } from './round.js';

/** Conversation whose handler waits between its requests. */
export class ParkedConversation extends Conversation {
  readonly id = randomUUID();
  /** Number of requests it has been parked for. */
  round = 0;
  /** Requests that came last; `undefined` as long as only the first one has. */
  latest: Round | undefined;
  /** True while it waits for those requests to come again: none of them can be answered. */
  isHeld = false;
  /** Holder of its place. Known while the first request is there: of a connection that is gone there is no address. */
  readonly caller = callerKey(this.call);

  override get hasAsked(): boolean {
    return this.round > 0 || super.hasAsked;
  }

  /** True while a request waits for what the handler does next. */
  get isAttended(): boolean {
    return this.call.isHeard && !this.latest?.isEmpty;
  }
}
