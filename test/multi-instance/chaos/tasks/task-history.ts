import { Outages } from '../outages.js';

/** Tools of the fixture whose calls may be tasks. */
export type TaskTool = 'steps' | 'plain' | 'late' | 'job';

/** A state of a task, as a client has read it. */
export interface SeenState {
  /** When the request was sent that got it. */
  readonly askedAt: number;
  readonly at: number;
  readonly status: string;
  readonly statusMessage?: string;
  /** The whole of it, as JSON. */
  readonly text: string;
}

/** Attempts to answer one question; a token each. */
export interface GivenAnswers {
  readonly tokens: string[];
  /** When one of them was acknowledged. */
  ackedAt?: number;
}

/** One call of a tool that became a task, or may have become one. */
export interface TaskRecord {
  readonly mark: string;
  readonly tool: TaskTool;
  /** True if blocks of `once` may run again without a known outcome. */
  readonly retry: boolean;
  readonly startedAt: number;
  /** Known once the creation was acknowledged. */
  taskId?: string;
  readonly seen: SeenState[];
  readonly answers: Map<string, GivenAnswers>;
  /** When the first attempt to cancel it was sent, and when one was acknowledged. */
  cancelledAt?: number;
  cancelAckedAt?: number;
}

export const FINAL: readonly string[] = ['completed', 'failed', 'cancelled'];

/** All that clients have seen. */
export class TaskHistory {
  readonly beganAt = Date.now();
  readonly outages = new Outages();
  readonly tasks: TaskRecord[] = [];
  /** Violations found on the way, a line each. */
  readonly incidents: string[] = [];
  requests = 0;
}
