import type { Entry } from '../registry/entries.js';
import type { EntrySet } from '../registry/entry-set.js';
import type { McpContext } from '../registry/mcp-context.js';
import type { McpListEntry, McpListName, McpListResolver } from '../registry/mcp-list-resolver.js';
import { HandlerContext } from './handler-context.js';
import type { RequestContext } from './request-context.js';

/** Which entries of one list a caller may know of. */
export class Visibility<E extends Entry> {
  constructor(
    private readonly list: McpListName,
    private readonly entries: EntrySet<E>,
    private readonly describe: (entry: E) => McpListEntry,
    private readonly resolver: McpListResolver | undefined,
  ) {}

  /** Whether the list may differ from caller to caller. */
  get isPrivate(): boolean {
    return this.resolver !== undefined || this.entries.isRestricted;
  }

  /** Whether one question decides on any number of entries. */
  get isResolved(): boolean {
    return this.resolver !== undefined;
  }

  /** Whether the entry may be there for one caller and not for another. */
  isRestricted(entry: E): boolean {
    return this.resolver !== undefined || entry.visible !== undefined;
  }

  /** The entry if there is one and this caller may know of it. */
  find(key: string, call: RequestContext): Promise<E | undefined> | E | undefined {
    const entry = this.entries.get(key);
    if (!entry || !this.isRestricted(entry)) return entry;
    return this.sees(entry, call).then((visible) => (visible ? entry : undefined));
  }

  /** Whether this caller may know of the entry. */
  async sees(entry: E, call: RequestContext): Promise<boolean> {
    if (!this.isRestricted(entry)) return true;
    const [visible] = await this.filter([entry], call);
    return visible !== undefined;
  }

  /** The entries this caller may know of, in the same order. */
  async filter(entries: readonly E[], call: RequestContext): Promise<readonly E[]> {
    // Nothing is reported while the question is asked, nor is the request's own token found fault with.
    const context = new HandlerContext({ ...call, progressToken: () => undefined }, undefined);
    try {
      const resolved = await this.#resolve(entries, context);
      const verdicts = await Promise.all(
        resolved.map(async ({ visible }) => (visible ? visible(context) : true)),
      );
      return resolved.filter((_, index) => verdicts[index] === true);
    } finally {
      await context.settle();
    }
  }

  async #resolve(entries: readonly E[], context: McpContext): Promise<readonly E[]> {
    if (!this.resolver) return entries;
    const described = entries.map((entry) => this.describe(entry));
    const keys = new Set(await this.resolver.resolve(this.list, described, context));
    return entries.filter(({ key }) => keys.has(key));
  }
}
