import type { Recording } from './recording.js';
import type { Step } from './transcript.js';

/** Coverage of a recording: a method, or verb, of a revision and how it was answered. */
export function coverageOf(recording: Recording): Set<string> {
  const combinations = new Set<string>();
  for (const [program, steps] of recording) {
    const [version = ''] = program.split(' ');
    for (const step of steps) {
      for (const [what, how] of outcomesOf(step)) combinations.add(`${what} · ${version} · ${how}`);
    }
  }
  return combinations;
}

function outcomesOf(step: Step): [what: string, how: string][] {
  const sent: any[] = Array.isArray(step.body) ? step.body : [step.body];
  const received: any[] = [step.answer, ...(step.events ?? []).map(({ data }) => data)].flat();
  const heard = received.filter((message) => message?.method !== undefined);
  const via = step.events ? `stream ${step.end}` : `HTTP ${step.status}`;
  const outcomes = sent.flatMap((message): [string, string][] => {
    const what = subjectOf(step, message);
    const answer = received.find(
      (one) =>
        one?.method === undefined && (one?.id === message?.id || (one?.error && (one.id ?? null) === null)),
    );
    return [[what, `${via} ${kindOf(answer)}`]];
  });
  return [...outcomes, ...heard.map(({ method }): [string, string] => [method, `${via} heard`])];
}

function subjectOf({ verb, body }: Step, message: any): string {
  if (verb !== 'POST') return verb;
  if (typeof message !== 'object' || message === null) return 'no message';
  const name = typeof message.method === 'string' ? message.method : 'answer';
  return Array.isArray(body) ? `batch of ${name}` : name;
}

function kindOf(answer: any): string {
  if (answer?.error) return `error ${answer.error.code}`;
  if (answer?.result?.isError) return 'tool error';
  if (answer?.result) return `result ${answer.result.resultType ?? ''}`.trim();
  return 'nothing';
}
