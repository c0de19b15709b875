import type { SessionAdapter, SessionMeta } from '../../adapters/session.adapter.js';
import type { ChangeEvent } from '../../subscriptions/subscription.js';
import type { AskingStrategy, Call } from '../../calls/call.js';
import { sessionCall, type CallOrigin } from '../../calls/create-call.js';
import { SessionState } from '../../calls/session-state.js';
import { notification, type JsonRpcRequest } from '../../protocol/json-rpc.js';
import type { ProtocolVersion } from '../../protocol/protocol-version.js';
import { Announcements } from '../../sessions/announcements.js';
import type { LineWriter } from './line-writer.js';

/** Dependencies of a session. */
export interface PipeSessionDeps {
  readonly adapter: SessionAdapter;
  readonly asking: AskingStrategy;
  readonly writer: LineWriter;
  /** Facts about the client at the other end of the pipe. */
  readonly origin: CallOrigin;
  /** Checks whether a caller is authorized to read a resource. */
  readonly isReadable: (uri: string, caller: Call) => Promise<boolean>;
  readonly onError: (error: unknown) => void;
}

/** Placeholder request for the authorization check of a notification. */
const LISTENING: JsonRpcRequest = {
  jsonrpc: '2.0',
  id: 'listening',
  method: 'resources/subscribe',
  params: {},
};

/** Session of a legacy client, as long as its pipe or until it begins another. */
export class PipeSession {
  /** Set when the client has said that it is ready: nothing but answers is sent before. */
  isReady = false;
  readonly #state: SessionState;
  readonly #announcements = new Announcements<PipeSession>({
    tell: (_, text) => this.#tell(text),
    taken: () => this.deps.writer.drained,
  });
  #isOver = false;

  private constructor(
    readonly id: string,
    readonly meta: SessionMeta,
    private readonly deps: PipeSessionDeps,
  ) {
    this.#state = new SessionState(id, deps.adapter);
  }

  static async begin(meta: SessionMeta, deps: PipeSessionDeps): Promise<PipeSession> {
    const id = deps.adapter.generateSessionId();
    const { meta: kept } = await deps.adapter.create(id, meta);
    return new PipeSession(id, kept, deps);
  }

  get version(): ProtocolVersion {
    return this.meta.protocolVersion as ProtocolVersion;
  }

  call(request: JsonRpcRequest, origin: CallOrigin): Call {
    return sessionCall(request, { meta: this.meta, state: this.#state }, origin, this.deps.asking);
  }

  /** Notifies the client of a change that it has subscribed to. */
  async announce(event: ChangeEvent): Promise<void> {
    if (!this.isReady) return;
    const text = await this.#textFor(event);
    if (text !== undefined) await this.#announcements.add(this, text);
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await this.deps.adapter.delete(this.id);
  }

  async #tell(text: string): Promise<boolean> {
    if (this.#isOver) return false;
    void this.deps.writer.send(text);
    return true;
  }

  async #textFor(event: ChangeEvent): Promise<string | undefined> {
    if (event.type === 'list_changed') {
      return JSON.stringify(notification(`notifications/${event.list}/list_changed`, {}));
    }
    const { isReadable, origin, onError } = this.deps;
    try {
      const uri = await this.#state.subscribedAs(event.uri);
      if (uri === undefined || !(await isReadable(uri, this.call(LISTENING, origin)))) return undefined;
      return JSON.stringify(notification('notifications/resources/updated', { uri }));
    } catch (error) {
      onError(error);
      return undefined;
    }
  }
}
