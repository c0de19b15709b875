import { Outages } from '../outages.js';

/** A message that a client has received. */
export interface Seen {
  readonly at: number;
  /** Id of the server-sent event. */
  readonly eventId?: string;
  /** Recipient, as its sender wrote into it. */
  readonly mark?: string;
  /** Which of the numbered messages of its sender it is. */
  readonly number?: number;
  /** Set for a response: the id of the request. */
  readonly answers?: string | number;
}

/** How a call came to its end, as the client saw it. */
export type Ending =
  /** The tool's own result: whose it is, and which answer to a question it has heard. */
  | { readonly kind: 'result'; readonly mark: string; readonly heard?: string }
  /** `isError`: something in the tool threw. */
  | { readonly kind: 'tool error'; readonly text: string }
  | { readonly kind: 'error'; readonly code: number; readonly text: string }
  /** The connection broke before there was anything to come back for. */
  | { readonly kind: 'broken' }
  /** An official client has stopped to wait. */
  | { readonly kind: 'given up' }
  /** 503: nothing was done. */
  | { readonly kind: 'unavailable' }
  /** Any other status; while resuming if `isResume`. */
  | { readonly kind: 'refused'; readonly status: number; readonly text: string; readonly isResume: boolean }
  /** Nothing came for too long. */
  | { readonly kind: 'hang' };

/** An answer to a question, and what became of each attempt to give it: an HTTP status, or 0 where none came. */
export interface GivenAnswer {
  readonly token: string;
  readonly statuses: number[];
}

/** One call of a tool, from the client's side. */
export interface Call {
  readonly mark: string;
  readonly client: string;
  readonly tool: string;
  readonly era: 'legacy' | 'modern';
  /** Official clients do not tell all that they see, and give up by themselves. */
  readonly isOfficial: boolean;
  /** True if the handler may run again when the instance that ran it is gone. */
  readonly isRepeatable: boolean;
  readonly startedAt: number;
  /** Duration of the handler and of the client's own hesitation, if nothing fails. */
  readonly takesMs: number;
  /** True if no message may be missing: a stream that broke could be resumed. */
  isComplete: boolean;
  /** True if the client has done something that the server cannot tell from its death, such as to ask the same twice. */
  isDoubtful: boolean;
  readonly seen: Seen[];
  readonly answers: GivenAnswer[];
  resumes: number;
  ending?: Ending;
  endedAt?: number;
}

/** The stream of a session that belongs to no request, from its first connection to its last. */
export interface Standalone {
  readonly client: string;
  readonly mark: string;
  readonly seen: Seen[];
  /** How many numbered messages were asked for. */
  asked: number;
  resumes: number;
  /**
   * Last time at which a connection was made without saying what had been seen: a client of 2025-06-18 or older that has
   * seen nothing yet has no position to come back to. What was sent before is not for it.
   */
  beganAt: number;
  /** Where resuming it was refused. */
  readonly refusals: { readonly status: number; readonly text: string }[];
}

/** One announcement of a change, and who heard of it. */
export interface Announcement {
  readonly client: string;
  readonly uri: string;
  readonly publishedAt: number;
  /** Set when the publisher was told that it is published. */
  acceptedAt?: number;
  readonly heardAt: number[];
  /** True if the client must have heard it: it listened from before, on a stream that misses nothing. */
  isOwed: boolean;
}

/** Whatever a client notices that is wrong whatever else happened. */
export interface Incident {
  readonly at: number;
  readonly what: string;
}

/** All that happened, as the clients and those who broke things saw it. */
export class History {
  readonly beganAt = Date.now();
  readonly calls: Call[] = [];
  readonly standalone: Standalone[] = [];
  readonly announcements: Announcement[] = [];
  readonly incidents: Incident[] = [];
  readonly outages = new Outages();
}
