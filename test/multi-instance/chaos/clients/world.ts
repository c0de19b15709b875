import type { History } from '../history/history.js';
import type { Random } from '../plan/random.js';

/** Counts of operations. */
export class Totals {
  requests = 0;
  sessions = 0;
  events = 0;
  resumes = 0;
  questionsAnswered = 0;
  parkedCalls = 0;
  cancellations = 0;
  ended = 0;
}

/** State shared by all clients. */
export interface World {
  /** The MCP endpoint. */
  readonly url: string;
  readonly history: History;
  readonly totals: Totals;
  /** For one client alone. */
  readonly random: Random;
  /** Aborted when no more calls are to be made. */
  readonly stop: AbortSignal;
}

/** Somebody who uses the server until the world stops. */
export interface ChaosClient {
  readonly name: string;
  /** Of the session, if there is one. */
  readonly sessionId: string | undefined;
  /** Resolves when the last call has ended. What is held open stays so. */
  work(): Promise<void>;
  /** Lets go of what is held open; the session stays. */
  close(): Promise<void>;
}
