import { commonMoves } from './moves/common.js';
import { legacyMoves } from './moves/legacy.js';
import { modernMoves } from './moves/modern.js';
import { sessionMoves } from './moves/session.js';
import type { ProgramClient } from './client.js';

/** One part of a program: a few requests that belong together, after which nothing is open. */
export type Move = (client: ProgramClient) => Promise<void>;

export type Moves = Readonly<Record<string, Move>>;

/** The moves of a revision, on a server with sessions or without. */
export function movesOf({ isModern, keepsSessions }: ProgramClient): Moves {
  if (isModern) return { ...commonMoves, ...modernMoves };
  return { ...commonMoves, ...legacyMoves, ...(keepsSessions && sessionMoves) };
}
