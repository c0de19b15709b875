/** The revisions that the suite has a set of requirements for. */
export const REVISIONS = ['2025-11-25', '2026-07-28'] as const;
export type Revision = (typeof REVISIONS)[number];

/** A way to run the fixture. */
export interface Setup {
  readonly name: string;
  /** What everything.server.ts reads. */
  readonly env: Readonly<Record<string, string>>;
}

export const SETUPS: readonly Setup[] = [
  { name: 'express, in memory', env: { PLATFORM: 'express' } },
  { name: 'fastify, in memory', env: { PLATFORM: 'fastify' } },
];
