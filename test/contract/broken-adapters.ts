import { setImmediate as turn } from 'node:timers/promises';
import type { RequestId } from '../../lib/protocol/json-rpc.js';
import type { PendingRequest } from '../../lib/adapters/client-request.adapter.js';
import type { SessionData, SessionMeta } from '../../lib/adapters/session.adapter.js';
import type { EventId, StreamEvent } from '../../lib/adapters/stream-event.js';
import {
  ArraySessionAdapter,
  MapClientRequestAdapter,
  type ArraySession,
  type ArrayStore,
  type LoggedEvent,
  type Wait,
  type WaitStore,
} from './array-adapters.js';

/** A fault, the adapter that has it, and the cases that notice. */
export type Faults<Store, Adapter> = Record<
  string,
  { readonly adapter: new (store: Store) => Adapter; readonly caughtBy: readonly string[] }
>;

const KEPT = 20;

/** Timers left behind, for the test to clear. */
export const leaked: NodeJS.Timeout[] = [];

export const sessionFaults: Faults<ArrayStore, ArraySessionAdapter> = {
  'cannot be pinged': {
    adapter: class extends ArraySessionAdapter {
      override ping(): Promise<void> {
        return Promise.reject(new Error('The store cannot be reached'));
      }
    },
    caughtBy: ['answers a ping while its store can be reached, and changes nothing by it'],
  },

  'loses one of two events appended at the same time': {
    adapter: class extends ArraySessionAdapter {
      protected override async push(session: ArraySession, event: LoggedEvent): Promise<void> {
        const { events } = session;
        await turn();
        session.events = [...events, event];
      }
    },
    caughtBy: [
      'keeps all events that two instances append at the same time, in one order',
      'keeps the messages of many new streams begun at the same time',
      'gives each event once and in order while two instances append',
    ],
  },

  'makes ids of the length of a log that is trimmed': {
    adapter: class extends ArraySessionAdapter {
      protected override eventId({ events, data }: ArraySession): EventId {
        return `${JSON.stringify(data).length}-${events.length}`;
      }
      protected override async push(session: ArraySession, event: LoggedEvent): Promise<void> {
        session.events = [...session.events, event].slice(-KEPT);
      }
    },
    caughtBy: [
      'never uses an event id again after old events were dropped',
      'never uses an event id again after a stream was dropped',
    ],
  },

  'counts the events of each stream': {
    adapter: class extends ArraySessionAdapter {
      protected override eventId({ events }: ArraySession, of: string): EventId {
        return String(events.filter(({ streamId }) => streamId === of).length + 1);
      }
    },
    caughtBy: [
      'gives events ids of visible ASCII that are unique in the session',
      'replays what follows an event: of its stream only, in order, without the event',
      'replays nothing for an event of another session',
    ],
  },

  'counts the events of each session': {
    adapter: class extends ArraySessionAdapter {
      protected override eventId(session: ArraySession): EventId {
        return `event-${session.events.length}`;
      }
    },
    caughtBy: [
      'replays nothing for an event of another session',
      'shows nothing of a deleted session in a later one of its id',
      'gives nothing after an id that is no event of the session',
    ],
  },

  'replays every stream of the session': {
    adapter: class extends ArraySessionAdapter {
      protected override following(id: string, after: EventId): LoggedEvent[] | undefined {
        const events = this.store.get(id)?.events ?? [];
        const last = events.findIndex((event) => event.id === after);
        return last < 0 ? undefined : events.slice(last + 1);
      }
    },
    caughtBy: [
      'replays what follows an event: of its stream only, in order, without the event',
      'replays nothing after the newest event, which is complete',
      'keeps streams apart whatever they are called',
      'follows a stream: first the log, then what comes, from any instance',
    ],
  },

  'replays the event that was seen last again': {
    adapter: class extends ArraySessionAdapter {
      override async replay(
        ...[id, after, write]: Parameters<ArraySessionAdapter['replay']>
      ): Promise<boolean | void> {
        const seen = this.store.get(id)?.events.find((event) => event.id === after);
        if (seen) await write(seen.id, seen.message);
        return super.replay(id, after, write);
      }
    },
    caughtBy: [
      'replays what follows an event: of its stream only, in order, without the event',
      'replays nothing after the newest event, which is complete',
    ],
  },

  'replays from the beginning after an id it does not know': {
    adapter: class extends ArraySessionAdapter {
      protected override following(id: string, after: EventId): LoggedEvent[] {
        return super.following(id, after) ?? this.store.get(id)?.events ?? [];
      }
    },
    caughtBy: [
      'replays nothing for an id that is no event',
      'replays nothing for an event of another session',
      'shows nothing of a deleted session in a later one of its id',
    ],
  },

  'claims to have replayed all of a trimmed log': {
    adapter: class extends ArraySessionAdapter {
      protected override async push(session: ArraySession, event: LoggedEvent): Promise<void> {
        session.events = [...session.events, event].slice(-KEPT);
      }
      override async replay(...args: Parameters<ArraySessionAdapter['replay']>): Promise<boolean> {
        const [id, , write] = args;
        if ((await super.replay(...args)) === true) return true;
        for (const event of this.store.get(id)?.events ?? []) await write(event.id, event.message);
        return true;
      }
    },
    caughtBy: [
      'never claims that a replay is complete when old events were dropped',
      'replays nothing for an id that is no event',
    ],
  },

  'does not wait for the reader of a replay': {
    adapter: class extends ArraySessionAdapter {
      override async replay(
        ...[id, after, write]: Parameters<ArraySessionAdapter['replay']>
      ): Promise<boolean | void> {
        const events = this.following(id, after);
        events?.forEach((event) => void Promise.resolve(write(event.id, event.message)).catch(() => {}));
        return events !== undefined;
      }
    },
    caughtBy: ['waits for each write before the next'],
  },

  'gives out what it keeps': {
    adapter: class extends ArraySessionAdapter {
      protected override copy<T>(value: T): T {
        return value;
      }
    },
    caughtBy: [
      'is not changed through what it was given or gave out',
      'is not changed through messages it was given or gave out',
      'is not changed through state it was given or gave out',
    ],
  },

  'gives out the facts it keeps': {
    adapter: class extends ArraySessionAdapter {
      override async get(id: string): Promise<SessionData | undefined> {
        return this.store.get(id)?.data;
      }
    },
    caughtBy: ['is not changed through what it was given or gave out'],
  },

  'keeps the facts it knows': {
    adapter: class extends ArraySessionAdapter {
      override create(
        id: string,
        { protocolVersion, clientInfo, principal }: SessionMeta,
      ): Promise<SessionData> {
        return super.create(id, {
          protocolVersion,
          ...(clientInfo && { clientInfo }),
          ...(principal !== undefined && { principal }),
        });
      }
    },
    caughtBy: ['gives the facts of a session to every instance'],
  },

  'adds to the facts of a session that is replaced': {
    adapter: class extends ArraySessionAdapter {
      protected override begin(meta: SessionMeta, old: ArraySession | undefined): ArraySession {
        return super.begin({ ...old?.data.meta, ...meta }, old);
      }
    },
    caughtBy: ['replaces a session whose id is taken, with its events'],
  },

  'keeps the events of a session that is replaced': {
    adapter: class extends ArraySessionAdapter {
      protected override begin(meta: SessionMeta, old: ArraySession | undefined): ArraySession {
        return { ...super.begin(meta, old), events: old?.events ?? [] };
      }
    },
    caughtBy: ['replaces a session whose id is taken, with its events'],
  },

  'keeps the events of a session that is deleted': {
    adapter: class extends ArraySessionAdapter {
      readonly #kept = ((this.store as { kept?: Map<string, LoggedEvent[]> }).kept ??= new Map());
      override async delete(id: string): Promise<void> {
        this.#kept.set(id, this.store.get(id)?.events ?? []);
        await super.delete(id);
      }
      protected override following(id: string, after: EventId): LoggedEvent[] | undefined {
        const kept = this.#kept.get(id) ?? [];
        const last = kept.findIndex((event) => event.id === after);
        return super.following(id, after) ?? (last < 0 ? undefined : kept.slice(last + 1));
      }
    },
    caughtBy: [
      'removes a session with everything that belongs to it',
      'shows nothing of a deleted session in a later one of its id',
    ],
  },

  'deletes by the beginning of the id': {
    adapter: class extends ArraySessionAdapter {
      override async delete(id: string): Promise<void> {
        for (const each of [...this.store.keys()]) if (each.startsWith(id)) await super.delete(each);
      }
    },
    caughtBy: ['keeps sessions apart', 'does nothing when there is nothing to delete'],
  },

  'creates a session for an event': {
    adapter: class extends ArraySessionAdapter {
      override async appendEvent(
        id: string,
        streamId: string,
        message: unknown,
      ): Promise<EventId | undefined> {
        if (!this.store.has(id)) await this.create(id, { protocolVersion: '2025-11-25' });
        return super.appendEvent(id, streamId, message);
      }
    },
    caughtBy: [
      'appends nothing to a session that does not exist',
      'removes a session with everything that belongs to it',
    ],
  },

  'reads messages that look like JSON, and drops what is falsy': {
    adapter: class extends ArraySessionAdapter {
      override async replay(
        ...[id, after, write]: Parameters<ArraySessionAdapter['replay']>
      ): Promise<boolean | void> {
        return super.replay(id, after, (eventId, message) => {
          const isJson = typeof message === 'string' && message.startsWith('{"looks');
          return message ? write(eventId, isJson ? JSON.parse(message) : message) : undefined;
        });
      }
    },
    caughtBy: ['keeps every JSON value as it was given'],
  },

  'generates ids of the time and a number': {
    adapter: class extends ArraySessionAdapter {
      static count = 0;
      override generateSessionId(): string {
        const count = String(++(this.constructor as unknown as { count: number }).count);
        return `session-${Date.now().toString(16).padStart(24, '0')}-${count.padStart(12, '0')}`;
      }
    },
    caughtBy: ['generates session ids that nobody can guess'],
  },

  'forgets what comes between the log and the first listener': {
    adapter: class extends ArraySessionAdapter {
      override async *subscribe(
        id: string,
        after: EventId,
        signal: AbortSignal,
      ): AsyncGenerator<StreamEvent> {
        const session = this.store.get(id);
        const log = this.following(id, after);
        if (!session || !log) return;
        yield* log;
        await turn();
        let seen = session.events.length;
        while (!signal.aborted && this.store.get(id) === session) {
          if (seen < session.events.length) yield session.events[seen++] as StreamEvent;
          else await this.change(session, signal);
        }
      }
    },
    caughtBy: [
      'gives each event once and in order while two instances append',
      'gives what was appended while the log is still being given',
    ],
  },

  'leaves a gap for a reader who is too far behind': {
    adapter: class extends ArraySessionAdapter {
      protected override async push(session: ArraySession, event: LoggedEvent): Promise<void> {
        session.events = [...session.events, event].slice(-KEPT);
      }
      override async *subscribe(
        id: string,
        after: EventId,
        signal: AbortSignal,
      ): AsyncGenerator<StreamEvent> {
        const session = this.store.get(id);
        let last = after;
        while (!signal.aborted && session && this.store.get(id) === session) {
          const [next] = this.following(id, last) ?? session.events;
          if (next) yield { id: (last = next.id), message: next.message };
          else await this.change(session, signal);
        }
      }
    },
    caughtBy: [
      'tells a reader who is too far behind that events were lost',
      'gives nothing after an id that is no event of the session',
    ],
  },

  'waits on for events of a session that is gone': {
    adapter: class extends ArraySessionAdapter {
      protected override wake(session: ArraySession | undefined): void {
        if (session && [...this.store.values()].includes(session)) super.wake(session);
      }
    },
    caughtBy: ['ends when the session is deleted', 'ends when the session is ended'],
  },

  'throws when its reader leaves': {
    adapter: class extends ArraySessionAdapter {
      protected override async change(session: ArraySession, signal: AbortSignal): Promise<void> {
        await super.change(session, signal);
        signal.throwIfAborted();
      }
    },
    caughtBy: ['ends without an error when its signal is aborted'],
  },

  'leaves a timer for every reader': {
    adapter: class extends ArraySessionAdapter {
      override subscribe(...args: [string, EventId, AbortSignal]): AsyncGenerator<StreamEvent> {
        leaked.push(setTimeout(() => {}, 60_000));
        return super.subscribe(...args);
      }
    },
    caughtBy: ['leaves nothing running after an iteration has ended'],
  },

  'never lets a session end': {
    adapter: class extends ArraySessionAdapter {
      override async isAlive(id: string): Promise<boolean> {
        return this.store.has(id);
      }
    },
    caughtBy: ['lets a session end that is not opened again in time'],
  },

  'brings a session back that is opened too late': {
    adapter: class extends ArraySessionAdapter {
      override async open(id: string, ttlMs: number): Promise<SessionData | undefined> {
        const session = this.store.get(id);
        if (session) session.expiresAt = Date.now() + ttlMs;
        return this.copy(session?.data);
      }
    },
    caughtBy: ['lets a session end that is not opened again in time'],
  },

  'gives a session one time to live': {
    adapter: class extends ArraySessionAdapter {
      override async open(id: string, ttlMs: number): Promise<SessionData | undefined> {
        const session = this.store.get(id);
        if (session?.expiresAt !== Infinity) return (await this.isAlive(id)) ? this.get(id) : undefined;
        return super.open(id, ttlMs);
      }
    },
    caughtBy: ['keeps a session alive as long as any instance opens it in time'],
  },

  'reads the state, and writes all of it a moment later': {
    adapter: class extends ArraySessionAdapter {
      override async writeState(id: string, key: string, value: unknown): Promise<void> {
        const session = this.store.get(id);
        if (!session) return;
        const { [key]: _old, ...others } = session.state;
        await turn();
        session.state = value === undefined ? others : { ...others, [key]: this.copy(value) };
      }
    },
    caughtBy: ['keeps all that one instance writes to the state at once'],
  },

  'keeps state in an object with a prototype': {
    adapter: class extends ArraySessionAdapter {
      override async writeState(id: string, key: string, value: unknown): Promise<void> {
        const state = this.store.get(id)?.state;
        if (state) state[key] = this.copy(value);
      }
    },
    caughtBy: [
      'takes keys that are named like parts of every object',
      'sets, replaces and removes state for every instance',
    ],
  },

  'keeps one state for all sessions': {
    adapter: class extends ArraySessionAdapter {
      protected override begin(meta: SessionMeta, old: ArraySession | undefined): ArraySession {
        const [any] = this.store.values();
        const session = super.begin(meta, old);
        return Object.defineProperty(session, 'state', {
          get: () => ((any ?? session) === session ? this.#state : any?.state),
          set: (state: Record<string, unknown>) =>
            any && any !== session ? (any.state = state) : (this.#state = state),
        });
      }
      #state: Record<string, unknown> = {};
    },
    caughtBy: ['keeps the state of two sessions apart'],
  },

  'takes the end of any id for the name of a stream': {
    adapter: class extends ArraySessionAdapter {
      override streamIdOf(eventId?: EventId): string | undefined {
        return eventId?.slice(-6);
      }
    },
    caughtBy: ['names the stream of an event, or says that the id does not tell'],
  },
};

export const clientRequestFaults: Faults<WaitStore, MapClientRequestAdapter> = {
  'cannot be pinged': {
    adapter: class extends MapClientRequestAdapter {
      override ping(): Promise<void> {
        return Promise.reject(new Error('The store cannot be reached'));
      }
    },
    caughtBy: ['answers a ping while its store can be reached, whoever waits'],
  },

  'finds somebody waiting for a second answer': {
    adapter: class extends MapClientRequestAdapter {
      protected override async take(key: string): Promise<Wait | undefined> {
        return this.store.get(key);
      }
    },
    caughtBy: [
      'lets exactly one of several answers win, one after the other',
      'lets exactly one of several answers win, at the same time',
    ],
  },

  'looks first and takes later': {
    adapter: class extends MapClientRequestAdapter {
      protected override async take(key: string): Promise<Wait | undefined> {
        const wait = this.store.get(key);
        await turn();
        this.store.delete(key);
        return wait;
      }
    },
    caughtBy: ['lets exactly one of several answers win, at the same time'],
  },

  'says that somebody was waiting whatever comes': {
    adapter: class extends MapClientRequestAdapter {
      override async resolvePending(...args: [string | undefined, RequestId, unknown]): Promise<boolean> {
        await super.resolvePending(...args);
        return true;
      }
    },
    caughtBy: [
      'takes an answer nobody waits for as such',
      'delivers a foreign answer to nobody',
      'gives up with an error when the time is over, and nothing waits any more',
    ],
  },

  'is ready before it listens': {
    adapter: class extends MapClientRequestAdapter {
      protected override register(key: string, wait: Wait): { ready?: Promise<void> } {
        void super.register(key, wait);
        return {};
      }
    },
    caughtBy: ['delivers an answer that comes at once'],
  },

  'leaves a timer for every question': {
    adapter: class extends MapClientRequestAdapter {
      protected override stop(): void {
        leaked.push(setTimeout(() => {}, 60_000));
      }
    },
    caughtBy: ['leaves nothing running after a wait has ended'],
  },

  'waits on after its time': {
    adapter: class extends MapClientRequestAdapter {
      protected override giveUp(_key: string, wait: Wait): void {
        wait.reject(new Error('No answer'));
      }
    },
    caughtBy: ['gives up with an error when the time is over, and nothing waits any more'],
  },

  'gives up without saying so': {
    adapter: class extends MapClientRequestAdapter {
      protected override giveUp(key: string): void {
        this.store.delete(key);
      }
    },
    caughtBy: ['gives up with an error when the time is over, and nothing waits any more'],
  },

  'gives up the newer question for the older one': {
    adapter: class extends MapClientRequestAdapter {
      protected override stop(): void {}
      protected override giveUp(key: string, wait: Wait): void {
        (this.store.get(key) ?? wait).reject(new Error('No answer'));
        this.store.delete(key);
      }
    },
    caughtBy: ['does not give up a newer wait when the time of the older one is over'],
  },

  'forgets the older question without an end': {
    adapter: class extends MapClientRequestAdapter {
      protected override replace(): void {}
    },
    caughtBy: ['ends the older wait when the same is asked again'],
  },

  'gives timers more than they take': {
    adapter: class extends MapClientRequestAdapter {
      override createPending(
        ...[sessionId, requestId, { timeoutMs }]: Parameters<MapClientRequestAdapter['createPending']>
      ): PendingRequest {
        return super.createPending(sessionId, requestId, { timeoutMs: timeoutMs > 2 ** 31 ? 1 : timeoutMs });
      }
    },
    caughtBy: ['waits as long as it was told'],
  },

  'knows one kind of id': {
    adapter: class extends MapClientRequestAdapter {
      protected override key(sessionId: string | undefined, requestId: RequestId): string {
        return JSON.stringify([sessionId ?? null, String(requestId)]);
      }
    },
    caughtBy: ['takes the ids 1 and "1" for two requests'],
  },

  'takes no session for one of that name': {
    adapter: class extends MapClientRequestAdapter {
      protected override key(sessionId: string | undefined, requestId: RequestId): string {
        return JSON.stringify([String(sessionId), requestId]);
      }
    },
    caughtBy: ['takes no session and a session of any name for two'],
  },

  'joins session and id with a colon': {
    adapter: class extends MapClientRequestAdapter {
      protected override key(sessionId: string | undefined, requestId: RequestId): string {
        return `${sessionId === undefined}:${sessionId}:${typeof requestId}:${requestId}`.replace(
          ':string:',
          ':',
        );
      }
    },
    caughtBy: ['takes sessions and ids apart that look alike when joined'],
  },

  'asks for the id alone': {
    adapter: class extends MapClientRequestAdapter {
      protected override key(_sessionId: string | undefined, requestId: RequestId): string {
        return JSON.stringify(requestId);
      }
    },
    caughtBy: ['delivers a foreign answer to nobody', 'takes no session and a session of any name for two'],
  },

  'hears only what arrives at its own instance': {
    adapter: class extends MapClientRequestAdapter {
      constructor(_store: WaitStore) {
        super(new Map());
      }
    },
    caughtBy: [
      'delivers an answer, on whichever instance it arrives',
      'rejects with the given reason, on whichever instance',
    ],
  },

  'takes an empty answer for none': {
    adapter: class extends MapClientRequestAdapter {
      override async resolvePending(...args: [string | undefined, RequestId, unknown]): Promise<boolean> {
        return args[2] ? super.resolvePending(...args) : false;
      }
    },
    caughtBy: ['delivers every JSON value as it was given'],
  },

  'answers with the reason': {
    adapter: class extends MapClientRequestAdapter {
      override rejectPending(...args: [string | undefined, RequestId, unknown]): Promise<boolean> {
        return this.resolvePending(...args);
      }
    },
    caughtBy: [
      'rejects with the given reason, on whichever instance',
      'rejects, and does not answer, whatever the reason is',
    ],
  },

  'keeps the reason to itself': {
    adapter: class extends MapClientRequestAdapter {
      override rejectPending(
        ...[sessionId, requestId]: [string | undefined, RequestId, unknown]
      ): Promise<boolean> {
        return super.rejectPending(sessionId, requestId, new Error('Rejected'));
      }
    },
    caughtBy: ['rejects with the given reason, on whichever instance'],
  },
};
