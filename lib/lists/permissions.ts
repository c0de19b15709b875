import type { Entry } from '../registry/entries.js';
import type { EntrySet } from '../registry/entry-set.js';
import type { Catalog } from '../registry/catalog.js';
import type { Principal } from '../registry/principal.js';

/** Which primitives a caller may use by its token, where the server asks for tokens. */
export class Permissions {
  constructor(
    private readonly catalog: Catalog,
    private readonly listPermittedOnly: boolean,
  ) {}

  /** Checks whether the caller may use a primitive. */
  permits({ access }: Pick<Entry, 'access'>, principal: Principal | undefined): boolean {
    if (access.isPublic) return true;
    return principal !== undefined && access.scopes.every((scope) => principal.scopes?.includes(scope));
  }

  /** Checks whether the caller finds a primitive in lists: also one it lacks scopes for, unless `listPermittedOnly` is set. */
  lists(entry: Entry, principal: Principal | undefined): boolean {
    return (principal !== undefined && !this.listPermittedOnly) || this.permits(entry, principal);
  }

  /** Checks whether callers may find different lists. */
  divide(entries: EntrySet<Entry>): boolean {
    return (this.catalog.hasPublic && entries.hasProtected) || (this.listPermittedOnly && entries.hasScoped);
  }
}
