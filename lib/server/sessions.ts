import type { SessionAdapter, SessionMeta } from '../adapters/session.adapter.js';
import { LocalSession } from './local-session.js';

/** How long sessions live and how many of them there may be. Counts are per instance. */
export interface SessionLimits {
  readonly sessionTtlMs: number;
  readonly maxSessions: number;
  readonly maxSessionsPerPrincipal: number;
}

/**
 * The rules of sessions: whose they are, when they end, how many there are. The only caller of `SessionAdapter` for
 * anything but events and state.
 */
export class Sessions {
  /** Ordered by use: the one used longest ago comes first. */
  readonly #local = new Map<string, LocalSession>();
  readonly #ofPrincipal = new Map<string, Set<LocalSession>>();
  /** Sessions that are being stored: they have a place but no entry yet. */
  #beginning = 0;
  #sweeper: NodeJS.Timeout | undefined;

  constructor(
    readonly adapter: SessionAdapter,
    private readonly limits: SessionLimits,
    private readonly onError: (error: unknown) => void,
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
    this.#beginning++;
    try {
      if (!(await this.#makeRoom(meta.principal))) return undefined;
      const id = this.adapter.generateSessionId();
      const { meta: stored } = await this.adapter.create(id, meta);
      await this.adapter.open(id, this.limits.sessionTtlMs);
      return this.#remember(id, stored);
    } finally {
      this.#beginning--;
    }
  }

  /** The session of that id, if it lives and belongs to that principal. Counts as use. */
  async admit(id: string, principal: string | undefined): Promise<LocalSession | undefined> {
    const stored = await this.adapter.open(id, this.limits.sessionTtlMs);
    if (!stored) {
      await this.forget(id, 'The session is gone');
      return undefined;
    }
    return stored.meta.principal === principal ? this.#remember(id, stored.meta) : undefined;
  }

  /** Ends a session everywhere. */
  async end(id: string, reason: string): Promise<void> {
    await this.adapter.end(id);
    await this.forget(id, reason);
  }

  /** Drops what this instance holds of a session that is gone. */
  async forget(id: string, reason: string): Promise<void> {
    const session = this.#local.get(id);
    if (!session) return;
    this.#drop(session);
    session.release(reason);
  }

  close(): void {
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
    for (const session of this.#local.values()) session.release('The server is shutting down');
  }

  #remember(id: string, meta: SessionMeta): LocalSession {
    const session = this.#local.get(id) ?? new LocalSession(id, meta);
    session.lastSeenAt = Date.now();
    this.#local.delete(id);
    this.#local.set(id, session);
    if (meta.principal !== undefined) {
      const siblings = this.#ofPrincipal.get(meta.principal) ?? new Set();
      this.#ofPrincipal.set(meta.principal, siblings.add(session));
    }
    this.#sweeper ??= setInterval(
      () => void this.sweep().catch(this.onError),
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
    const siblings = principal === undefined ? undefined : this.#ofPrincipal.get(principal);
    if (siblings && siblings.size >= this.limits.maxSessionsPerPrincipal) {
      const idle = [...siblings].filter((session) => !session.isInUse);
      const oldest = idle.sort((one, other) => one.lastSeenAt - other.lastSeenAt)[0];
      if (!oldest) return false;
      await this.end(oldest.id, 'The principal began another session');
    }
    for (const session of this.#local.values()) {
      if (this.#local.size + this.#beginning <= this.limits.maxSessions) return true;
      if (!session.isInUse) await this.end(session.id, 'A newer session took the place');
    }
    return this.#local.size + this.#beginning <= this.limits.maxSessions;
  }

  /** Ends what has been idle too long; what is in use here is kept alive for every instance. */
  async sweep(): Promise<void> {
    const idleBefore = Date.now() - this.limits.sessionTtlMs;
    for (const session of [...this.#local.values()]) {
      if (session.isInUse) {
        await this.adapter.open(session.id, this.limits.sessionTtlMs);
        session.lastSeenAt = Date.now();
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
