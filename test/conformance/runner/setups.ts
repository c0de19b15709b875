import { STORE_NAMES, type StoreName } from '../../support/stores.js';

/** The revisions that the suite has a set of requirements for. */
export const REVISIONS = ['2025-11-25', '2026-07-28'] as const;
export type Revision = (typeof REVISIONS)[number];

/** A way to run the fixture. */
export interface Setup {
  readonly name: string;
  readonly platform: 'express' | 'fastify';
  readonly store: 'memory' | StoreName;
  /** More than one stand behind a proxy that gives each request to the next. */
  readonly instances: number;
}

export const SETUPS: readonly Setup[] = (['express', 'fastify'] as const).flatMap((platform) => [
  { name: `${platform}, in memory`, platform, store: 'memory' as const, instances: 1 },
  ...STORE_NAMES.flatMap((store) => [
    { name: `${platform}, on ${store}`, platform, store, instances: 1 },
    { name: `${platform}, two instances on ${store}`, platform, store, instances: 2 },
  ]),
]);
