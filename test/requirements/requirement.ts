/** Requirement of a revision of the specification on a server. */
export interface Requirement {
  readonly level: 'MUST' | 'MUST NOT' | 'SHOULD' | 'SHOULD NOT';
  /** Behaviour of the server, in our words. */
  readonly text: string;
  /** Where the specification says so, see `places.ts`. */
  readonly at: readonly string[];
  /** Proof: a file below `test/`, a colon, and the title of a test as it is written there. */
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
