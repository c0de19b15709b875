import type { SessionAdapter, SessionMeta } from '../adapters/session.adapter.js';
import { LocalSession } from './local-session.js';

/** How long sessions live and how many of them there may be. Counts are per instance. */
export interface SessionLimits {
  readonly sessionTtlMs: number;
  readonly maxSessions: number;
  readonly maxSessionsPerPrincipal: number;
}

/** Who hears of what happens. */
export interface SessionEvents {
  readonly onError: (error: unknown) => void;
  /** A session has been ended, for whatever reason; other instances are to know. */
  readonly onEnd: (id: string) => Promise<void>;
}

/**
 * The rules of sessions: whose they are, when they end, how many there are. The only caller of `SessionAdapter` for
 * anything but events and state.
 */
export class Sessions {
  /** Ordered by use: the one used longest ago comes first. */
  readonly #local = new Map<string, LocalSession>();
  /** The same by principal, in the same order. */
  readonly #ofPrincipal = new Map<string, Set<LocalSession>>();
  /** Whose the sessions are that are being stored: they have a place but no entry yet. */
  readonly #beginning: (string | undefined)[] = [];
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

  get localSessions(): Iterable<LocalSession> {
    return this.#local.values();
  }

  local(id: string): LocalSession | undefined {
    return this.#local.get(id);
  }

  /** Begins a session; `undefined` when there is no room, since all that exist are in use. */
  async begin(meta: SessionMeta): Promise<LocalSession | undefined> {
    const { principal } = meta;
    this.#beginning.push(principal);
    try {
      if (!(await this.#makeRoom(principal))) return undefined;
      const id = this.adapter.generateSessionId();
      if (!isSessionId(id)) throw new TypeError(`${JSON.stringify(id)} of generateSessionId() ${ID_RULE}`);
      const { meta: stored } = await this.adapter.create(id, meta);
      await this.adapter.open(id, this.limits.sessionTtlMs);
      return this.#remember(id, stored);
    } finally {
      this.#beginning.splice(this.#beginning.indexOf(principal), 1);
    }
  }

  /** The session of that id, if it lives and belongs to that principal. Counts as use. */
  admit(id: string, principal: string | undefined): Promise<LocalSession | undefined> {
    return this.#open(id, (meta) => meta.principal === principal);
  }

  /** The session of that id, if it lives, for the server itself. */
  find(id: string): Promise<LocalSession | undefined> {
    return this.#open(id, () => true);
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

  async #open(id: string, isAdmitted: (meta: SessionMeta) => boolean): Promise<LocalSession | undefined> {
    const stored = isSessionId(id) ? await this.adapter.open(id, this.limits.sessionTtlMs) : undefined;
    // Its time may be over before it was swept: what is left of it goes with it.
    if (!stored && this.#local.has(id)) await this.end(id, 'The session is gone');
    return stored && isAdmitted(stored.meta) ? this.#remember(id, stored.meta) : undefined;
  }

  #remember(id: string, meta: SessionMeta): LocalSession {
    const session = this.#local.get(id) ?? new LocalSession(id, meta);
    session.lastSeenAt = Date.now();
    this.#local.delete(id);
    this.#local.set(id, session);
    if (meta.principal !== undefined) {
      const siblings = this.#ofPrincipal.get(meta.principal) ?? new Set();
      siblings.delete(session);
      this.#ofPrincipal.set(meta.principal, siblings.add(session));
    }
    this.#sweeper ??= setInterval(
      () => void this.sweep().catch(this.events.onError),
      Math.min(this.limits.sessionTtlMs / 2, 60_000),
    ).unref();
    return session;
  }

  #drop(session: LocalSession): void {
    this.#local.delete(session.id);
    const { principal } = session.meta;
    const siblings = principal === undefined ? undefined : this.#ofPrincipal.get(principal);
    siblings?.delete(session);
    if (siblings?.size === 0 && principal !== undefined) this.#ofPrincipal.delete(principal);
    if (this.#local.size > 0) return;
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  }

  async #makeRoom(principal: string | undefined): Promise<boolean> {
    const { maxSessions, maxSessionsPerPrincipal } = this.limits;
    const isFull = () => this.#local.size + this.#beginning.length > maxSessions;
    if (principal === undefined) return this.#evictWhile(isFull, () => this.#local.values());
    const own = () => this.#ofPrincipal.get(principal) ?? new Set<LocalSession>();
    const ownCount = () => own().size + this.#beginning.filter((beginner) => beginner === principal).length;
    return (
      (await this.#evictWhile(() => ownCount() > maxSessionsPerPrincipal, own)) &&
      (await this.#evictWhile(isFull, () => this.#local.values()))
    );
  }

  /** Ends the sessions that have been idle longest, one by one; `false` when there is none left to end. */
  async #evictWhile(isFull: () => boolean, candidates: () => Iterable<LocalSession>): Promise<boolean> {
    while (isFull()) {
      const idle = find(candidates(), (session) => !session.isInUse);
      if (!idle) return false;
      // What another instance holds a stream of is in use there: this one only lets go of it.
      if (idle.isElsewhere) this.#drop(idle);
      else await this.end(idle.id, 'A newer session took the place');
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

  async #expire(session: LocalSession): Promise<void> {
    // Another instance may have served it meanwhile; then it is only forgotten here.
    if (await this.adapter.isAlive(session.id)) this.#drop(session);
    else await this.end(session.id, 'The session expired');
  }
}

const ID_RULE = 'is no session id: 1 to 256 visible ASCII characters, not ending in ~state or ~alive';

/** Anything else never reaches a store; the two endings are those of what adapters keep beside a session by default. */
function isSessionId(id: string): boolean {
  return /^[\x21-\x7e]{1,256}$/.test(id) && !id.endsWith('~state') && !id.endsWith('~alive');
}

function find<T>(all: Iterable<T>, fits: (item: T) => boolean): T | undefined {
  for (const item of all) if (fits(item)) return item;
  return undefined;
}
