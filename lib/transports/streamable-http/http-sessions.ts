import { assertKeepsRecords } from '../../adapters/assert-keeps-records.js';
import { nameOfAdapter } from '../../adapters/plain-session-adapter.js';
import type { SessionAdapter } from '../../adapters/session.adapter.js';
import { reportUnexpected } from '../../calls/failure.js';
import { ClientRequests } from '../../conversations/client-requests.js';
import { PushedAsking } from '../../conversations/pushed-asking.js';
import { ClientSession } from '../../sessions/client-session.js';
import { SessionBus } from '../../sessions/session-bus.js';
import { Sessions } from '../../sessions/sessions.js';
import { StreamOwners } from '../../sessions/stream-owners.js';
import type { ReplyDeps } from './reply.js';
import { SessionEndpoint } from './session.endpoint.js';
import { SessionStreams } from './session-streams.js';
import type { SessionOptions, TransportDeps } from './transport-deps.js';

/** Dependencies of the sessions of one server. */
export interface HttpSessionsDeps
  extends ReplyDeps, Pick<TransportDeps, 'clientRequestAdapter' | 'bus' | 'forms'> {
  /** Name of the server, as events on the bus carry it. */
  readonly name: string;
  readonly adapter: SessionAdapter;
  readonly isClosing: () => boolean;
}

/** Sessions of one server, over HTTP: builds their parts, starts and closes them. */
export class HttpSessions {
  readonly endpoint: SessionEndpoint;
  readonly #sessions: Sessions;
  readonly #bus: SessionBus;
  readonly #owners: StreamOwners;
  readonly #streams: SessionStreams;
  readonly #clientRequests: ClientRequests | undefined;

  constructor(
    private readonly deps: HttpSessionsDeps,
    { limits, sessionTtlMs, onUnknownSession }: SessionOptions,
  ) {
    const { adapter, clientRequestAdapter, server, forms } = deps;
    const { logger, instrumentation } = server.parts;
    const onError = (error: unknown) => void reportUnexpected(error, 'The session store', logger);
    this.#sessions = new Sessions(
      adapter,
      { ...limits, sessionTtlMs },
      { onError, onEnd: (sessionId) => this.#bus.sessionEnded(sessionId) },
    );
    this.#bus = new SessionBus({
      server: deps.name,
      bus: deps.bus,
      adapter,
      sessions: this.#sessions,
      isReadable: (uri, caller) => server.isReadable(uri, caller),
      onError,
    });
    this.#owners = new StreamOwners(adapter, this.#bus.instance, onError);
    this.#streams = new SessionStreams(adapter, deps.streams, this.#bus, this.#owners, onError);
    this.#clientRequests = clientRequestAdapter && new ClientRequests(clientRequestAdapter, instrumentation);
    this.endpoint = new SessionEndpoint({
      ...deps,
      sessions: this.#sessions,
      bus: this.#bus,
      sessionStreams: this.#streams,
      clientRequests: this.#clientRequests,
      asking: this.#clientRequests && new PushedAsking(this.#clientRequests, forms),
      maxStreamsPerSession: limits.streamsPerSession,
      adoptsUnknownSessions: onUnknownSession === 'adopt',
    });
  }

  get size(): number {
    return this.#sessions.size;
  }

  get questionCount(): number {
    return this.#clientRequests?.size ?? 0;
  }

  client(sessionId: string): ClientSession {
    return new ClientSession(sessionId, {
      sessions: this.#sessions,
      clientRequests: this.#clientRequests,
      forms: this.deps.forms,
    });
  }

  async start(): Promise<void> {
    const { adapter } = this.deps;
    await assertKeepsRecords(adapter, nameOfAdapter(adapter));
    await this.#bus.start();
    await this.#owners.start();
  }

  /** Ends the connections that only wait, so that clients look for another instance. */
  stopListening(): void {
    this.#streams.close();
  }

  async close(): Promise<void> {
    try {
      await this.#bus.unsubscribe();
    } finally {
      await this.#streams.settle();
      this.#bus.stop();
      await this.#owners.stop();
      this.#sessions.close();
    }
  }
}
