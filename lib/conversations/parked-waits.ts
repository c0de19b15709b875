import { SharedPlaces } from '../collections/shared-places.js';
import type { ParkedConversation } from './parked-conversation.js';
import type { ParkedWait, Place, Relay, Retry } from './relay.js';

/** Limits of waits, and what becomes of calls that wait. */
export interface WaitRules {
  readonly relay: Relay;
  readonly parkedCalls: number;
  readonly parkTimeoutMs: number;
  /** Takes a retry that the relay has given to a wait. */
  readonly onRetry: (conversation: ParkedConversation, retry: Retry) => void;
  /** Called when a call has waited for too long, or another caller needs its place. */
  readonly onOver: (conversation: ParkedConversation, reason: Error) => void;
  readonly onError: (error: unknown) => void;
}

/** Calls that wait for their next request, within the places that all callers share. */
export class ParkedWaits {
  readonly #waits = new Map<ParkedConversation, ParkedWait>();
  readonly #places: SharedPlaces<ParkedConversation>;

  constructor(private readonly rules: WaitRules) {
    this.#places = new SharedPlaces(rules.parkedCalls, (conversation) => {
      rules.onOver(conversation, new Error('Others need the place of this call'));
    });
  }

  get size(): number {
    return this.#waits.size;
  }

  conversations(): ParkedConversation[] {
    return [...this.#waits.keys()];
  }

  has(conversation: ParkedConversation): boolean {
    return this.#waits.has(conversation);
  }

  /** @returns when the next request would find the call; `undefined` if there is no place for it */
  begin(conversation: ParkedConversation, place: Place): Promise<void> | undefined {
    const wait = this.#begin(conversation, place);
    return wait?.ready.then(() => this.#watch(conversation, wait));
  }

  /** Waits for requests to come again that could not be answered. @returns `false` if there is no place for it */
  hold(conversation: ParkedConversation): boolean {
    const wait = this.#begin(conversation, conversation);
    if (!wait) return false;
    conversation.isHeld = true;
    // A store that is away is back when a request comes.
    wait.ready.catch(() => {});
    this.#watch(conversation, wait);
    return true;
  }

  /** Ends the wait of a call. @returns false if there was none */
  end(conversation: ParkedConversation): boolean {
    const wait = this.#waits.get(conversation);
    this.#waits.delete(conversation);
    this.#places.leave(conversation);
    conversation.isHeld = false;
    void wait?.end('The call waits no longer');
    return wait !== undefined;
  }

  /** Takes the place of an earlier wait. */
  #begin(conversation: ParkedConversation, place: Place): ParkedWait | undefined {
    if (!this.#places.take(conversation.caller, conversation)) return undefined;
    void this.#waits.get(conversation)?.end('Another wait took its place');
    const wait = this.rules.relay.park(place, this.rules.parkTimeoutMs);
    this.#waits.set(conversation, wait);
    conversation.isHeld = false;
    return wait;
  }

  #watch(conversation: ParkedConversation, wait: ParkedWait): void {
    const { onRetry, onOver, onError } = this.rules;
    wait.promise
      .then(
        (retry) => onRetry(conversation, retry as Retry),
        (reason: unknown) => {
          if (this.#waits.get(conversation) === wait) onOver(conversation, reason as Error);
        },
      )
      .catch(onError);
  }
}
