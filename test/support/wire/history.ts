import type { Message } from './messages.js';

/** Messages in the sessions of a test file; an answer may come on another connection than its request. */
export class WireHistory {
  readonly #asked = new Map<string, string>();
  readonly #questions = new Map<string, { readonly method: string; readonly text: string }>();
  readonly #events = new Map<string, string>();
  readonly #capabilities = new Map<string, Message>();
  readonly #inputs = new Map<string, Message>();

  /** A client has sent a request. */
  asked(session: string, { id, method }: Message): void {
    this.#asked.set(key(session, id), method);
  }

  methodOf(session: string, id: unknown): string | undefined {
    return this.#asked.get(key(session, id));
  }

  /** `initialize` was answered with a session. */
  began(session: string, capabilities: Message): void {
    this.#capabilities.set(session, capabilities);
  }

  capabilitiesOf(session: string): Message | undefined {
    return this.#capabilities.get(session);
  }

  /** Faults of a request of the server; one that comes again with a resumed stream is the same. */
  questioned(session: string, message: Message): string[] {
    const text = JSON.stringify(message);
    const known = this.#questions.get(key(session, message['id']));
    this.#questions.set(key(session, message['id']), { method: message['method'], text });
    return known && known.text !== text ? ['the id of another request'] : [];
  }

  /** Method of the request of a server that an answer or a cancellation names. */
  questionOf(session: string, id: unknown): string | undefined {
    return this.#questions.get(key(session, id))?.method;
  }

  /** A result asks for input; a state names what it asked for when the request comes again. */
  askedFor(state: unknown, inputs: Message | undefined): void {
    if (typeof state === 'string' && inputs) this.#inputs.set(state, inputs);
  }

  inputsOf(state: unknown): Message {
    return this.#inputs.get(state as string) ?? {};
  }

  /** Faults of an event id; an event that comes again is the same. */
  gaveEvent(session: string, id: string, data: string): string[] {
    const known = this.#events.get(key(session, id));
    this.#events.set(key(session, id), data);
    return known !== undefined && known !== data ? [`the event id of another event: ${id}`] : [];
  }
}

function key(session: string, id: unknown): string {
  return `${session} ${JSON.stringify(id)}`;
}
