/** What a revision of the specification wants of a server. */
export interface Requirement {
  readonly level: 'MUST' | 'MUST NOT' | 'SHOULD' | 'SHOULD NOT';
  /** What the server does, in our words. */
  readonly text: string;
  /** Where the specification says so, see `places.ts`. */
  readonly at: readonly string[];
  /** What proves it: a file below `test/`, a colon, and the title of a test as it is written there. */
  readonly tests?: readonly string[];
  /** Why there is nothing to prove. A requirement has either this or tests. */
  readonly reason?: string;
}

/** Places where the specification uses its key words without binding a server. */
export interface OtherPlaces {
  readonly reason: string;
  readonly at: readonly string[];
}

export interface Topic {
  readonly title: string;
  readonly requirements: readonly Requirement[];
  readonly others: readonly OtherPlaces[];
}
