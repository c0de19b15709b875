import type { Entry } from '../registry/entries.js';
import type { EntrySet } from '../registry/entry-set.js';
import type { McpContext } from '../registry/mcp-context.js';
import type { McpListEntry, McpListName, McpListResolver } from '../registry/mcp-list-resolver.js';
import { HandlerContext } from '../calls/handler-context.js';
import type { Permissions } from './permissions.js';
import type { Call } from '../calls/call.js';

/** Rules of visibility besides those of the entries themselves. */
export interface VisibilityRules {
  readonly resolver: McpListResolver | undefined;
  /** Absent where the server asks for no tokens. */
  readonly permissions: Permissions | undefined;
}

/** Which entries of one list a caller may know of and use. */
export class Visibility<E extends Entry> {
  constructor(
    private readonly list: McpListName,
    private readonly entries: EntrySet<E>,
    private readonly describe: (entry: E) => McpListEntry,
    private readonly rules: VisibilityRules,
  ) {}

  /** True if the list may differ from caller to caller. */
  get isPrivate(): boolean {
    const { resolver, permissions } = this.rules;
    return resolver !== undefined || this.entries.isRestricted || permissions?.divide(this.entries) === true;
  }

  /** True if one call decides on any number of entries. */
  get isResolved(): boolean {
    return this.rules.resolver !== undefined;
  }

  /** Checks whether the answer to this caller must not be cached for other callers. */
  isPersonal(entry: E): boolean {
    return this.#isRestricted(entry) || (this.rules.permissions !== undefined && !entry.access.isPublic);
  }

  /** The entry if there is one and this caller may know of it and use it. */
  find(key: string, call: Call): Promise<E | undefined> | E | undefined {
    const entry = this.entries.get(key);
    if (!entry || !this.isPermitted(entry, call)) return undefined;
    if (!this.#isRestricted(entry)) return entry;
    return this.isShown(entry, call).then((shown) => (shown ? entry : undefined));
  }

  /** Checks whether the token of the caller gives access to the entry. */
  isPermitted(entry: E, { principal }: Call): boolean {
    return this.rules.permissions?.permits(entry, principal) ?? true;
  }

  /** Checks whether this caller may know of the entry, whatever its token is. */
  async isShown(entry: E, call: Call): Promise<boolean> {
    if (!this.#isRestricted(entry)) return true;
    const [shown] = await this.#filter([entry], call);
    return shown !== undefined;
  }

  /** The entries this caller is to find in the list, in the same order. */
  listed(entries: readonly E[], call: Call): Promise<readonly E[]> {
    const { permissions } = this.rules;
    const listed = permissions
      ? entries.filter((entry) => permissions.lists(entry, call.principal))
      : entries;
    return this.#filter(listed, call);
  }

  /** Checks whether the entry may exist for one caller and not for another. */
  #isRestricted(entry: E): boolean {
    return this.rules.resolver !== undefined || entry.visible !== undefined;
  }

  async #filter(entries: readonly E[], call: Call): Promise<readonly E[]> {
    const context = new HandlerContext(call, undefined, { isReporting: false });
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
    const { resolver } = this.rules;
    if (!resolver) return entries;
    const described = entries.map((entry) => this.describe(entry));
    const keys = new Set(await resolver.resolve(this.list, described, context));
    return entries.filter(({ key }) => keys.has(key));
  }
}
