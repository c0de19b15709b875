import type { SessionAdapter, SessionMeta } from '../adapters/session.adapter.js';
import { UseOrder } from '../collections/use-order.js';
import { Session } from './session.js';
import { SessionState } from '../calls/session-state.js';

/** Limits of sessions. Counts are per instance. */
export interface SessionLimits {
  readonly sessionTtlMs: number;
  readonly sessions: number;
  readonly sessionsPerPrincipal: number;
}

/** Listeners of what happens to sessions. */
export interface SessionEvents {
  readonly onError: (error: unknown) => void;
  /** A session has been ended, for whatever reason; other instances are to know. */
  readonly onEnd: (id: string) => Promise<void>;
}

/** Session that is being begun, and for whom. */
interface Beginner {
  readonly caller: string;
  /** Resolves when it has begun, or failed to. */
  readonly settled: Promise<void>;
}

/**
 * The rules of sessions: whose they are, when they end, how many there are. The only caller of `SessionAdapter` for
 * anything but events and state.
 */
export class Sessions {
  readonly #local = new Map<string, Session>();
  readonly #byUse = new UseOrder<Session>();
  readonly #ofCaller = new Map<string, UseOrder<Session>>();
  /** Sessions that are being stored, in the order in which they came: each has a place before those behind it. */
  readonly #beginning: Beginner[] = [];
  #sweeper: NodeJS.Timeout | undefined;

  constructor(
    readonly adapter: SessionAdapter,
    private readonly limits: SessionLimits,
    private readonly events: SessionEvents,
  ) {}

  /** Sessions this instance has served lately. */
  get size(): number {
    return this.#local.size;
  }

  get localSessions(): Iterable<Session> {
    return this.#local.values();
  }

  local(id: string): Session | undefined {
    return this.#local.get(id);
  }

  /**
   * Begins a session; `undefined` when there is no room, since all that exist are in use. `caller` is the principal, if
   * there is one, else the address it comes from.
   */
  async begin(meta: SessionMeta, caller: string): Promise<Session | undefined> {
    let settle = (): void => undefined;
    const beginner = { caller, settled: new Promise<void>((resolve) => (settle = resolve)) };
    this.#beginning.push(beginner);
    try {
      if (!(await this.#makeRoom(meta.principal, beginner))) return undefined;
      const id = this.adapter.generateSessionId();
      if (!isSessionId(id)) throw new TypeError(`${JSON.stringify(id)} of generateSessionId() ${ID_RULE}`);
      const stored = await this.#store(id, meta);
      return this.#remember(id, stored, () => caller);
    } finally {
      this.#beginning.splice(this.#beginning.indexOf(beginner), 1);
      settle();
    }
  }

  /** Leaves nothing of a session that could not be stored completely: its client never hears of it. */
  async #store(id: string, meta: SessionMeta): Promise<SessionMeta> {
    const { meta: stored } = await this.adapter.create(id, meta);
    try {
      await this.adapter.open(id, this.limits.sessionTtlMs);
      return stored;
    } catch (error) {
      await this.adapter.end(id).catch(this.events.onError);
      throw error;
    }
  }

  /** The session of that id, if it lives and belongs to that principal. Counts as use. */
  admit(id: string, principal: string | undefined, caller: () => string): Promise<Session | undefined> {
    return this.#open(id, (meta) => meta.principal === principal, caller);
  }

  /** The session of that id, if it lives, for the server itself. */
  find(id: string): Promise<Session | undefined> {
    return this.#open(
      id,
      () => true,
      () => '',
    );
  }

  /** Ends a session everywhere. */
  async end(id: string, reason: string): Promise<void> {
    await this.adapter.end(id);
    await this.forget(id, reason);
    await this.events.onEnd(id);
  }

  /** Drops what this instance holds of a session that is gone. */
  async forget(id: string, reason: string): Promise<void> {
    const session = this.#local.get(id);
    if (!session) return;
    this.#drop(session);
    session.end(reason);
  }

  close(): void {
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
    for (const session of this.#local.values()) session.release('The server is shutting down');
  }

  async #open(
    id: string,
    isAdmitted: (meta: SessionMeta) => boolean,
    caller: () => string,
  ): Promise<Session | undefined> {
    if (!isSessionId(id)) return undefined;
    const stored = await this.adapter.open(id, this.limits.sessionTtlMs);
    // Its time may be over before it was swept: what is left of it goes with it.
    if (!stored && this.#local.has(id)) await this.end(id, 'The session is gone');
    if (!stored || !isAdmitted(stored.meta)) return undefined;
    if (!this.#local.has(id)) await this.#markServed(id);
    return this.#remember(id, stored.meta, caller);
  }

  /** Notifies the instance that began the session, before it serves a request here, that it is not alone with it. */
  async #markServed(id: string): Promise<void> {
    if (this.adapter.isShared) await new SessionState(id, this.adapter).markServedElsewhere();
  }

  /** Asks the store, as this instance does not know enough to end a session that others serve, too. */
  async #isServedElsewhere(session: Session): Promise<boolean> {
    if (session.isElsewhere || !this.adapter.isShared) return session.isElsewhere;
    return new SessionState(session.id, this.adapter).isServedElsewhere();
  }

  #remember(id: string, meta: SessionMeta, caller: () => string): Session {
    const session = this.#local.get(id) ?? this.#add(new Session(id, meta, meta.principal ?? caller()));
    session.lastSeenAt = Date.now();
    if (session.places) {
      this.#byUse.use(session.places.all);
      this.#ofCaller.get(session.caller)?.use(session.places.own);
    }
    return session;
  }

  #add(session: Session): Session {
    const siblings = this.#ofCaller.get(session.caller) ?? new UseOrder();
    this.#ofCaller.set(session.caller, siblings);
    session.places = { all: this.#byUse.add(session), own: siblings.add(session) };
    this.#local.set(session.id, session);
    this.#sweeper ??= setInterval(
      () => void this.sweep().catch(this.events.onError),
      Math.min(this.limits.sessionTtlMs / 2, 60_000),
    ).unref();
    return session;
  }

  #drop(session: Session): void {
    const { places } = session;
    if (!places) return;
    session.places = undefined;
    this.#local.delete(session.id);
    this.#byUse.remove(places.all);
    const siblings = this.#ofCaller.get(session.caller);
    siblings?.remove(places.own);
    if (siblings?.size === 0) this.#ofCaller.delete(session.caller);
    if (this.#local.size > 0) return;
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  }

  async #makeRoom(principal: string | undefined, beginner: Beginner): Promise<boolean> {
    const { sessions, sessionsPerPrincipal } = this.limits;
    const { caller } = beginner;
    const own = () => this.#ofCaller.get(caller) ?? new UseOrder<Session>();
    // Those behind it have to make room themselves.
    const rank = () => this.#beginning.indexOf(beginner) + 1;
    const siblings = () => this.#beginning.slice(0, rank()).filter((each) => each.caller === caller);
    const ownCount = () => own().size + siblings().length;
    const isFull = () => this.#local.size + rank() > sessions;
    const isOverShare = () => principal !== undefined && ownCount() > sessionsPerPrincipal;
    return (
      (await this.#evictWhile(isOverShare, beginner, () => find(own(), isIdle))) &&
      (await this.#evictWhile(isFull, beginner, () => this.#dispensable(own(), ownCount())))
    );
  }

  /**
   * Chooses what goes for a caller that has `ownCount` sessions with the one it begins: of the caller that has most the one
   * idle longest, or of another, if all are in use, the newest. Else the one idle longest of all.
   */
  #dispensable(own: UseOrder<Session>, ownCount: number): Session | undefined {
    let most = new UseOrder<Session>();
    for (const siblings of this.#ofCaller.values()) if (siblings.size > most.size) most = siblings;
    const greediest = most.size > ownCount ? most : undefined;
    return (
      (most.size === ownCount ? undefined : find(greediest ?? own, isIdle)) ??
      find(this.#byUse, isIdle) ??
      greediest?.newest
    );
  }

  /** Ends one session after the other; `false` when there is none left to end, nor one that came before and can be ended soon. */
  async #evictWhile(
    isFull: () => boolean,
    beginner: Beginner,
    next: () => Session | undefined,
  ): Promise<boolean> {
    while (isFull()) {
      const evicted = next();
      const first = this.#beginning[0];
      if (!evicted && first && first !== beginner) {
        await first.settled;
        continue;
      }
      if (!evicted) return false;
      const reason = 'A newer session took the place';
      if (await this.#isServedElsewhere(evicted)) await this.forget(evicted.id, reason);
      else await this.end(evicted.id, reason);
    }
    return true;
  }

  /** Ends what has been idle too long; what is in use here is kept alive for every instance. */
  async sweep(): Promise<void> {
    const idleBefore = Date.now() - this.limits.sessionTtlMs;
    for (const session of [...this.#local.values()]) {
      if (session.isInUse) {
        const isThere = await this.adapter.open(session.id, this.limits.sessionTtlMs);
        session.lastSeenAt = Date.now();
        // A store that lost its data does not bring the session back.
        if (!isThere) await this.forget(session.id, 'The session is gone');
      } else if (session.lastSeenAt <= idleBefore) {
        await this.#expire(session);
      }
    }
  }

  async #expire(session: Session): Promise<void> {
    // Another instance may have served it meanwhile; then it is only forgotten here, unless its announcements are to be told.
    if (!(await this.adapter.isAlive(session.id))) await this.end(session.id, 'The session expired');
    else if (!session.isListening) this.#drop(session);
  }
}

const ID_RULE = 'is no session id: 1 to 256 visible ASCII characters';

/** Anything else never reaches a store. */
function isSessionId(id: string): boolean {
  return /^[\x21-\x7e]{1,256}$/.test(id);
}

function isIdle(session: Session): boolean {
  return !session.isInUse;
}

function find<T>(all: Iterable<T>, fits: (item: T) => boolean): T | undefined {
  for (const item of all) if (fits(item)) return item;
  return undefined;
}
