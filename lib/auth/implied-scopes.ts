/** Scopes that each scope implies. */
export type ImpliedScopes = Readonly<Record<string, readonly string[]>>;

/** The scopes granted, with all that they imply. */
export function withImplied(granted: readonly string[], implied: ImpliedScopes): readonly string[] {
  const all = new Set(granted);
  // A set is walked over what is added on the way too.
  for (const scope of all) {
    for (const more of Object.hasOwn(implied, scope) ? (implied[scope] ?? []) : []) all.add(more);
  }
  return [...all];
}
