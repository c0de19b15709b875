import type { Asking, AskingStrategy, Call, Method } from '../calls/call.js';
import type { ClientRequests } from './client-requests.js';
import type { FormSchemas } from '../asking/form-schemas.js';

/** Asks clients of sessions: a question is a request of the server on the stream of the call. */
export class PushedAsking implements AskingStrategy {
  readonly mayReplay = false;

  constructor(
    private readonly clientRequests: ClientRequests,
    private readonly forms: FormSchemas,
  ) {}

  answer(call: Call, method: Method): ReturnType<Method> {
    return method(call);
  }

  open({ session, outbound, cancellation }: Call): Asking {
    if (!session) throw new TypeError('Only calls of a session can be asked on its streams');
    return {
      hasAsked: true,
      ask: (question) =>
        this.clientRequests.ask(
          session.id,
          question,
          (message) => outbound?.send(message) ?? false,
          cancellation,
        ),
      resolve: (form) => this.forms.get(form),
    };
  }
}
