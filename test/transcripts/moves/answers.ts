import type { Random } from '../random.js';

/** Timeout of questions without an answer: long enough for a busy machine to have asked them by then. */
export const UNANSWERED_MS = 1_000;

/** Answer of a client to a question: a result, or an error. */
export function answerTo(method: string, random: Random): { result: any } | { error: object } {
  if (method === 'roots/list') return { result: { roots: [{ uri: 'file:///work', name: 'work' }] } };
  if (method === 'sampling/createMessage') {
    const content = { type: 'text', text: 'as you say' };
    return random.pick<{ result: any } | { error: object }>([
      { result: { role: 'assistant', content, model: 'some', stopReason: 'endTurn' } },
      { result: { role: 'assistant', content, model: 'some' } },
      { result: { role: 'nobody' } },
      { error: { code: -1, message: 'User rejected sampling' } },
    ]);
  }
  return random.pick<{ result: any } | { error: object }>([
    { result: { action: 'accept', content: { name: 'Ada' } } },
    { result: { action: 'accept', content: { name: 'Grace' } } },
    { result: { action: 'accept', content: { name: 5 } } },
    { result: { action: 'decline' } },
    { result: { action: 'cancel' } },
    { result: { action: 'perhaps' } },
    { error: { code: -32_603, message: 'no' } },
  ]);
}

/** Steps that a handler is told to do, of those that a revision has. */
export function stepsFor(version: string, random: Random): string[] {
  const kinds = ['elicit', 'elicit', 'both', 'sample', 'roots', 'progress', 'log', 'once'];
  if (version >= '2025-11-25') kinds.push('url');
  return [
    random.pick(['elicit', 'sample', 'both', 'roots']),
    ...Array.from({ length: random.int(4) }, () => random.pick(kinds)),
  ];
}

/** How many questions each turn of such a handler has. */
export function turnsOf(steps: readonly string[]): number[] {
  const asking = steps.filter((step) => !['progress', 'log', 'once'].includes(step));
  return asking.map((step) => (step === 'both' ? 2 : 1));
}

/** Puts questions that were asked at once into an order. */
export function inOrder<T extends { readonly method: string }>(questions: readonly T[]): T[] {
  return questions.toSorted((one, other) => (one.method < other.method ? -1 : 1));
}
