import { isUsualMeta, USUAL_ACCEPT } from './client.js';
import { withoutDifferences } from './differences.js';
import type { RawStep, Received, Sent } from './recorder.js';

/** One request and what came back for it, without what differs from run to run. */
export interface Step {
  readonly move: string;
  readonly verb: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly status: number;
  readonly answerHeaders: Readonly<Record<string, string>>;
  /** Of an answer that is no stream: JSON or text. */
  readonly answer?: unknown;
  readonly events?: readonly RecordedEvent[];
  readonly end: Received['end'];
}

interface RecordedEvent {
  readonly id?: string;
  readonly event?: string;
  readonly retry?: number;
  readonly data?: any;
}

const REQUEST_HEADERS = /^(mcp-.*|last-event-id|origin|host|content-type)$/;
const ANSWER_HEADERS = [
  'content-type',
  'mcp-session-id',
  'allow',
  'retry-after',
  'cache-control',
  'www-authenticate',
];

/** Names what is made anew in each run, by kind and order of appearance. */
class Placeholders {
  readonly #byValue = new Map<string, string>();
  readonly #counts = new Map<string, number>();

  /** The placeholder of a value, which is given one if it has none. */
  of(kind: string, value: string | number): string {
    const key = `${kind} ${JSON.stringify(value)}`;
    const known = this.#byValue.get(key);
    if (known !== undefined) return known;
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    const name = `<${kind} ${count}>`;
    this.#byValue.set(key, name);
    return name;
  }

  /** The same for a value that must have come from the server before; others stay as they are. */
  known<T extends string | number>(kind: string, value: T): string | T {
    return this.#byValue.get(`${kind} ${JSON.stringify(value)}`) ?? value;
  }
}

/** Makes a transcript of what was recorded. Two that are equal here were equal to their client. */
export function transcribe(steps: readonly RawStep[]): Step[] {
  const names = new Placeholders();
  return steps.map(({ move, sent, received }) => transcribeStep(move, sent, received(), names));
}

function transcribeStep(move: string, sent: Sent, received: Received, names: Placeholders): Step {
  const { verb = 'POST', headers = {}, body } = sent;
  const { status, text, end } = received;
  const isStream = received.headers['content-type'] === 'text/event-stream';
  const isBatch = Array.isArray(body);
  return {
    move,
    verb,
    headers: headersOf(headers, names),
    ...(body !== undefined && { body: messages(body, (message) => asked(message, names)) }),
    status,
    answerHeaders: Object.fromEntries(
      ANSWER_HEADERS.filter((name) => received.headers[name] !== undefined).map((name) => [
        name,
        name === 'mcp-session-id'
          ? names.of('session', received.headers[name]!)
          : received.headers[name]!.replaceAll(' ', '').toLowerCase(),
      ]),
    ),
    ...(isStream && { events: eventsOf(received, isBatch, names) }),
    ...(!isStream && text !== '' && { answer: answerOf(text, isBatch, names) }),
    end,
  };
}

/** Headers that say something; `accept` where it is not the usual one. */
function headersOf(
  { accept = '', ...others }: Readonly<Record<string, string>>,
  names: Placeholders,
): Record<string, string> {
  const said = Object.entries(others).filter(([name]) => REQUEST_HEADERS.test(name));
  return Object.fromEntries([
    ...(accept === USUAL_ACCEPT ? [] : [['accept', accept]]),
    ...said.map(([name, value]) => [name, headerOf(name, value, names)]),
  ]) as Record<string, string>;
}

function headerOf(name: string, value: string, names: Placeholders): string {
  if (name === 'mcp-session-id') return names.known('session', value);
  return name === 'last-event-id' ? names.known('event', value) : value;
}

function answerOf(text: string, isBatch: boolean, names: Placeholders): unknown {
  try {
    const parsed: unknown = JSON.parse(withoutDifferences(text));
    const sorted = isBatch && Array.isArray(parsed) ? sortBy(parsed, idOf) : parsed;
    return messages(sorted, (message) => answered(message, names));
  } catch {
    return text.startsWith('<') ? '<html>' : text;
  }
}

/** Events keep their ids and places; messages that have no order among them are put into one. */
function eventsOf({ events }: Received, isBatch: boolean, names: Placeholders): RecordedEvent[] {
  const data: any[] = events.map((event) =>
    event.data === '' ? undefined : JSON.parse(withoutDifferences(event.data)),
  );
  const ordered = isBatch ? sortBy(data, orderInBatch) : sortQuestions(data);
  return events.map(({ id, event, retry }, index) => ({
    ...(id !== undefined && { id: names.of('event', id) }),
    ...(event !== undefined && { event }),
    ...(retry !== undefined && { retry }),
    ...(ordered[index] !== undefined && {
      data: messages(ordered[index], (message) => answered(message, names)),
    }),
  }));
}

/** Questions that are open at the same time were asked in any order. */
function sortQuestions(data: readonly any[]): any[] {
  const sorted: any[] = [];
  let questions: any[] = [];
  for (const message of [...data, undefined]) {
    if (isQuestion(message)) {
      questions.push(message);
      continue;
    }
    sorted.push(...sortBy(questions, ({ method, params }) => JSON.stringify([method, params])), message);
    questions = [];
  }
  return sorted.slice(0, data.length);
}

/** The calls of a batch run beside each other: what one says is in order, how they interleave is not. */
function orderInBatch(message: any): string {
  if (message === undefined) return '0';
  return `1 ${idOf(message) || JSON.stringify(message.params?.progressToken ?? '')}`;
}

function idOf(message: any): string {
  return message?.id === undefined ? '' : JSON.stringify(message.id);
}

/** Stable, so that what compares equal keeps its order. */
function sortBy<T>(list: readonly T[], keyOf: (one: T) => string): T[] {
  return list.toSorted((one, other) => {
    const [first, second] = [keyOf(one), keyOf(other)];
    if (first === second) return 0;
    return first < second ? -1 : 1;
  });
}

function isQuestion(message: any): boolean {
  return message?.method !== undefined && message.id !== undefined;
}

function messages(body: unknown, change: (message: any) => unknown): unknown {
  if (Array.isArray(body)) return body.map((one) => messages(one, change));
  return typeof body === 'object' && body !== null ? change(body) : body;
}

/** A message of the client, in which values of the server come back. */
function asked(message: any, names: Placeholders): unknown {
  const { id, method, params } = message;
  const isAnswer = method === undefined && id !== undefined;
  return {
    ...message,
    ...(isAnswer && { id: names.known('question', id) }),
    ...(params && {
      params: {
        ...params,
        ...(isUsualMeta(params._meta) && { _meta: 'usual' }),
        ...(typeof params.requestState === 'string' && {
          requestState: names.known('state', params.requestState),
        }),
        ...(typeof params.cursor === 'string' && { cursor: names.known('cursor', params.cursor) }),
      },
    }),
  };
}

/** A message of the server. */
function answered(message: any, names: Placeholders): unknown {
  const { id, method, params, result } = message;
  return {
    ...message,
    ...(isQuestion(message) && { id: names.of('question', id) }),
    ...(method === 'notifications/cancelled' && {
      params: { ...params, requestId: names.known('question', params.requestId) },
    }),
    ...(typeof params?.elicitationId === 'string' && {
      params: { ...params, elicitationId: names.of('elicitation', params.elicitationId) },
    }),
    ...(result && { result: resultOf(result, names) }),
  };
}

function resultOf(result: any, names: Placeholders): unknown {
  const { requestState, nextCursor, inputRequests } = result;
  return {
    ...result,
    ...(typeof requestState === 'string' && { requestState: names.of('state', requestState) }),
    ...(typeof nextCursor === 'string' && { nextCursor: names.of('cursor', nextCursor) }),
    ...(inputRequests && {
      inputRequests: Object.fromEntries(
        sortBy(Object.entries<any>(inputRequests), ([key]) => key).map(([key, request]) => [
          key,
          answered(request, names),
        ]),
      ),
    }),
  };
}
