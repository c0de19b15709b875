import type { Lifetimes } from './keys.js';

/** How the instances are set up while things break. */
const SESSION_TTL_MS = 120_000;
const ASK_TIMEOUT_MS = 20_000;
const PARK_TIMEOUT_MS = 60_000;

/** How long sessions live that are let go in the end, so that somebody can wait for it. */
export const LAST_SESSION_TTL_MS = 2_000;

/** Settings of the fixture. */
export function environment(ledger: string, isLast = false): Record<string, string> {
  return {
    CHAOS_LEDGER: ledger,
    SESSION_TTL_MS: String(isLast ? LAST_SESSION_TTL_MS : SESSION_TTL_MS),
    ASK_TIMEOUT_MS: String(ASK_TIMEOUT_MS),
    PARK_TIMEOUT_MS: String(PARK_TIMEOUT_MS),
    SHUTDOWN_GRACE_MS: '1000',
  };
}

/** A session that was begun and never opened has an hour. */
const UNOPENED_MS = 60 * 60_000;

/** How long each kind of key may live: as long as what it stands for, with the margins of the adapters. */
export const LIFETIMES: Lifetimes = [
  [/^\{1b-[^}]+\}(:bus(:log|:tails)?)?$/, 5 * 60_000],
  [/^\{1c-[^}]+\}(:cursor)?$/, 24 * 60 * 60_000],
  [/^\{1a-[^}]+\}(:alive)?$/, 5_000],
  [/^\{1i-[^}]+\}:inbox(:log|:tails)?$/, 60_000],
  [/^\{1i-[^}]+\}(:q.*)?$/, PARK_TIMEOUT_MS + 5_000],
  [/^\{1p-[^}]+\}(:asked)?$/, PARK_TIMEOUT_MS + 5_000],
  [/^\{1s-[^}]+\}(:session(:log|:tails)?)?$/, UNOPENED_MS],
  // Which instance removes what has expired.
  [/^\{\$sweep\}$/, 60_000],
];

/** The keys that are to go with their session, and its id, after the hash of the server's name. */
export const OF_SESSION = /^\{1s-.{10}-i([^}]+)\}/;
