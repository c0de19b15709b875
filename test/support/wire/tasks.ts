import { z } from 'zod';
import { parse, type Message } from './messages.js';

const BASE = {
  taskId: z.string().min(1),
  statusMessage: z.string().optional(),
  createdAt: z.iso.datetime(),
  lastUpdatedAt: z.iso.datetime(),
  ttlMs: z.int().positive().nullable(),
  pollIntervalMs: z.int().positive().optional(),
};
const META = z.looseObject({}).optional();
const record = z.record(z.string(), z.looseObject({ method: z.string() }));

const STATES = z.discriminatedUnion('status', [
  z.strictObject({ ...BASE, _meta: META, status: z.literal('working') }),
  z.strictObject({ ...BASE, _meta: META, status: z.literal('cancelled') }),
  z.strictObject({ ...BASE, _meta: META, status: z.literal('input_required'), inputRequests: record }),
  z.strictObject({ ...BASE, _meta: META, status: z.literal('completed'), result: z.looseObject({}) }),
  z.strictObject({
    ...BASE,
    _meta: META,
    status: z.literal('failed'),
    error: z.looseObject({ code: z.int(), message: z.string() }),
  }),
]);
const CREATED = z.strictObject({
  ...BASE,
  _meta: META,
  status: z.enum(['working', 'input_required', 'completed', 'failed', 'cancelled']),
});

/** Schemas of the requests of the tasks extension. */
export const TASK_REQUESTS = Object.fromEntries(
  ['tasks/get', 'tasks/cancel', 'tasks/update'].map((method) => [
    method,
    z.looseObject({
      method: z.literal(method),
      params: z.looseObject({
        taskId: z.string(),
        ...(method === 'tasks/update' && { inputResponses: z.looseObject({}) }),
      }),
    }),
  ]),
);

/** States of a task that were sent so far. */
interface Seen {
  final: string | undefined;
  /** Questions by key. */
  readonly questions: Map<string, string>;
}

const seen = new Map<string, Seen>();

function seenOf(taskId: string): Seen {
  const known = seen.get(taskId) ?? { final: undefined, questions: new Map<string, string>() };
  seen.set(taskId, known);
  return known;
}

/** Faults of the result of a call that became a task. */
export function createdProblems({ resultType: _, ...task }: Message): string[] {
  return parse(CREATED, task, 'created task');
}

/** Faults of the state of a task, as an answer or a notification, by itself and after the states before. */
export function taskProblems({ resultType: _, ...task }: Message): string[] {
  const found = parse(STATES, task, 'task');
  const { taskId, status, inputRequests = {} } = task;
  if (typeof taskId !== 'string') return found;
  const known = seenOf(taskId);
  const isFinal = ['completed', 'failed', 'cancelled'].includes(status);
  const { _meta, ...told } = task as Message;
  if (isFinal && known.final !== undefined && known.final !== JSON.stringify(told))
    found.push('a task that was final has changed');
  if (isFinal) known.final ??= JSON.stringify(told);
  if (status === 'input_required' && Object.keys(inputRequests).length === 0)
    found.push('input_required asks for nothing');
  for (const [key, request] of Object.entries(inputRequests)) {
    const text = JSON.stringify(request);
    if ((known.questions.get(key) ?? text) !== text) found.push(`"${key}" has stood for another question`);
    known.questions.set(key, text);
  }
  return found;
}

/** Faults of the answer to `tasks/update` and `tasks/cancel`, which is empty. */
export function acknowledgementProblems({ resultType: _, _meta: __, ...rest }: Message): string[] {
  return Object.keys(rest).map((key) => `an acknowledgement has no ${key}`);
}
