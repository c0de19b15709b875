import { setImmediate as turn } from 'node:timers/promises';
import { ClientRequestAdapter, type PendingRequest } from '../../lib/adapters/client-request.adapter.js';
import {
  SessionAdapter,
  type SessionData,
  type SessionMeta,
  type SessionState,
} from '../../lib/adapters/session.adapter.js';
import type { EventId, StreamEvent } from '../../lib/adapters/stream-event.js';
import type { RequestId } from '../../lib/protocol/json-rpc.js';

/**
 * The seven methods of another adapter, behind a wire: every argument and every result goes through JSON and a turn of
 * the event loop, so a forgotten `await` and a shared reference show. What is optional is left to the base class.
 */
export class SerialisedSevenMethods extends SessionAdapter {
  constructor(protected readonly inner: SessionAdapter) {
    super();
  }

  override generateSessionId(): string {
    return this.inner.generateSessionId();
  }

  override create(id: string, meta: SessionMeta): Promise<SessionData> {
    return remote([id, meta], (...args) => this.inner.create(...args));
  }

  override has(id: string): Promise<boolean> {
    return remote([id], (...args) => this.inner.has(...args));
  }

  override get(id: string): Promise<SessionData | undefined> {
    return remote([id], (...args) => this.inner.get(...args));
  }

  override appendEvent(id: string, streamId: string, message: unknown): Promise<EventId | undefined> {
    return remote([id, streamId, message], (...args) => this.inner.appendEvent(...args));
  }

  override async replay(
    id: string,
    lastEventId: EventId,
    write: (eventId: EventId, message: unknown) => Promise<void> | void,
  ): Promise<boolean | void> {
    await turn();
    const result = await this.inner.replay(id, lastEventId, (...event) =>
      remote(event, async (...args) => write(...args)),
    );
    await turn();
    return result;
  }

  override delete(id: string): Promise<void> {
    return remote([id], (...args) => this.inner.delete(...args));
  }
}

/** The same, with everything that the other adapter overrides. */
export class SerialisedSessionAdapter extends SerialisedSevenMethods {
  override open(id: string, ttlMs: number): Promise<SessionData | undefined> {
    return remote([id, ttlMs], (...args) => this.inner.open(...args));
  }

  override isAlive(id: string): Promise<boolean> {
    return remote([id], (...args) => this.inner.isAlive(...args));
  }

  override end(id: string): Promise<void> {
    return remote([id], (...args) => this.inner.end(...args));
  }

  override readState(id: string): Promise<SessionState> {
    return remote([id], (...args) => this.inner.readState(...args));
  }

  override writeState(id: string, key: string, value: unknown): Promise<void> {
    return remote([id, key, value], (...args) => this.inner.writeState(...args));
  }

  override async *subscribe(
    id: string,
    afterEventId: EventId,
    signal: AbortSignal,
  ): AsyncGenerator<StreamEvent> {
    await turn();
    for await (const event of this.inner.subscribe(id, afterEventId, signal)) {
      const copy = clone(event);
      await turn();
      if (signal.aborted) return;
      yield copy;
    }
  }

  override streamIdOf(eventId: EventId): string | undefined {
    return this.inner.streamIdOf(eventId);
  }
}

/** Questions behind the same wire: they are registered a turn later, which `ready` tells. */
export class SerialisedClientRequestAdapter extends ClientRequestAdapter {
  constructor(private readonly inner: ClientRequestAdapter) {
    super();
  }

  override createPending(
    sessionId: string | undefined,
    requestId: RequestId,
    options: { readonly timeoutMs: number },
  ): PendingRequest {
    const registered = turn().then(() => {
      const { promise, ready } = this.inner.createPending(sessionId, clone(requestId), clone(options));
      promise.catch(() => {});
      return { promise, ready };
    });
    return {
      ready: registered.then(({ ready }) => ready),
      promise: registered
        .then(({ promise }) => promise)
        .then(clone, (reason: unknown) => {
          throw isError(reason) ? reason : clone(reason);
        }),
    };
  }

  override resolvePending(...args: [string | undefined, RequestId, unknown]): Promise<boolean> {
    return remote(args, (...copies) => this.inner.resolvePending(...copies));
  }

  override rejectPending(...args: [string | undefined, RequestId, unknown]): Promise<boolean> {
    return remote(args, (...copies) => this.inner.rejectPending(...copies));
  }
}

async function remote<A extends [] | unknown[], R>(args: A, call: (...args: A) => Promise<R>): Promise<R> {
  const copies = args.map((value) => clone(value)) as A;
  await turn();
  const result = clone(await call(...copies));
  await turn();
  return result;
}

function clone<T>(value: T): T {
  return value === undefined ? value : (JSON.parse(JSON.stringify(value)) as T);
}

function isError(value: unknown): boolean {
  return typeof (value as { stack?: unknown } | undefined)?.stack === 'string';
}
