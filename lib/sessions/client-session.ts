import { randomUUID } from 'node:crypto';
import { messageText, notification, type JsonRpcParams } from '../protocol/json-rpc.js';
import { legacyEra } from '../protocol/legacy.era.js';
import type { ElicitResult } from '../protocol/types/elicitation.js';
import type { McpRoot } from '../protocol/types/roots.js';
import type { CreateMessageParams, CreateMessageResult } from '../protocol/types/sampling.js';
import type { AskOptions, ContentOf } from '../registry/mcp-context.js';
import type { SchemaSource } from '../schema/schema-source.js';
import { elicit, listRoots, sample, type Respondent } from '../asking/asking.js';
import { Cancellation } from '../calls/cancellation.js';
import type { ClientRequests, Send } from '../conversations/client-requests.js';
import type { FormSchemas } from '../asking/form-schemas.js';
import { McpAdapterMissingError } from '../calls/mcp-adapter-missing.error.js';
import type { Question } from '../asking/question.js';
import { McpSessionUnavailableError } from '../calls/session-unavailable.error.js';
import type { Session } from './session.js';
import type { Sessions } from './sessions.js';
import { messageRecord, StreamLog } from './stream-log.js';

interface ClientSessionDeps {
  readonly sessions: Sessions;
  /** Absent where the server is not configured to ask. */
  readonly clientRequests: ClientRequests | undefined;
  readonly forms: FormSchemas;
}

/**
 * A client of this server outside any request, known by its session: for messages and questions of the server's own
 * accord. They travel on the stream that a client opens by GET: one that is away for a moment gets them when it resumes
 * the stream, one that never opened it does not. Works for sessions that other instances serve.
 *
 * Every method rejects with `McpSessionUnavailableError` when there is no such session (any more).
 *
 * @publicApi
 */
export class ClientSession {
  /** @internal */
  constructor(
    readonly id: string,
    private readonly deps: ClientSessionDeps,
  ) {}

  /**
   * Sends a notification. Resolves when it is on the session's stream. Await it where many are sent: what is not yet
   * there is kept in memory, without a bound.
   */
  async notify(method: string, params: JsonRpcParams = {}): Promise<void> {
    await this.#send(JSON.stringify(notification(method, params)));
  }

  /** Asks the user. @see McpContext.elicit */
  elicit<S extends SchemaSource>(
    options: AskOptions & { readonly message: string; readonly schema: S },
  ): Promise<ElicitResult<ContentOf<S>>>;
  elicit(options: AskOptions & { readonly message: string; readonly url: string }): Promise<ElicitResult>;
  async elicit(options: Parameters<typeof elicit>[1]): Promise<ElicitResult<never>> {
    return (await elicit(await this.#respondent(), options)) as ElicitResult<never>;
  }

  /** Asks the client's model. @see McpContext.sample */
  async sample(options: CreateMessageParams & AskOptions): Promise<CreateMessageResult> {
    return sample(await this.#respondent(), options);
  }

  /** Asks for the client's roots. @see McpContext.listRoots */
  async listRoots(options: AskOptions = {}): Promise<readonly McpRoot[]> {
    return listRoots(await this.#respondent(), options);
  }

  /** Ends the session on every instance; requests that run for it are cancelled. */
  close(): Promise<void> {
    return this.deps.sessions.end(this.id, 'The server ended the session');
  }

  async #respondent(): Promise<Respondent> {
    const { sessions, clientRequests, forms } = this.deps;
    if (!clientRequests) {
      throw new McpAdapterMissingError(
        'Questions to a session need a clientRequestAdapter in McpModule.forRoot()',
      );
    }
    const session = await sessions.find(this.id);
    if (!session) throw this.#gone();
    return {
      era: legacyEra,
      clientCapabilities: session.meta.clientCapabilities ?? {},
      resolve: (form) => forms.get(form),
      nameQuestion: (kind) => kind,
      ask: (question) => this.#ask(question, session, clientRequests),
    };
  }

  /** Counts as a request that runs: it keeps the session, and ends with it. */
  async #ask(question: Question, session: Session, clientRequests: ClientRequests): Promise<unknown> {
    const cancellation = new Cancellation();
    const id = randomUUID();
    const cancel = (reason: string) => cancellation.cancel(reason);
    session.beginCall({ id, cancel, end: cancel });
    const send: Send = async (message) => {
      await this.#send(messageText(message));
      return true;
    };
    try {
      return await clientRequests.ask(this.id, question, send, cancellation);
    } catch (error) {
      throw cancellation.isCancelled ? this.#gone() : error;
    } finally {
      session.endCall(id);
    }
  }

  async #send(text: string): Promise<void> {
    const log = StreamLog.standalone(this.deps.sessions.adapter, this.id);
    if ((await log.append(messageRecord(text))) === undefined) throw this.#gone();
  }

  #gone(): McpSessionUnavailableError {
    return new McpSessionUnavailableError('There is no such session any more');
  }
}
