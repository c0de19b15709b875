import { request, type IncomingMessage } from 'node:http';
import { SseReader, type SseEvent } from '../../../support/sse.js';

export interface Sent {
  readonly method: 'POST' | 'GET' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/** An answer over HTTP: whole, or as a stream of events. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The body; empty for a stream. */
  readonly text: string;
  /** Ends when the server ends the stream, throws when the connection breaks. */
  readonly events: AsyncIterable<SseEvent> | undefined;
  /** Breaks the connection. */
  cut(): void;
}

/** One request on a connection of its own. Rejects when that breaks before the answer is there. */
export async function exchange(url: string, { method, headers, body, signal }: Sent): Promise<Answer> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const sent = request(url, {
      method,
      headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
      agent: false,
      ...(signal && { signal }),
    });
    sent.once('response', resolve);
    // Later ones are those of the response.
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
  const { statusCode: status = 0, headers: received } = response;
  const isStream = received['content-type']?.startsWith('text/event-stream') ?? false;
  return {
    status,
    headers: received,
    text: isStream ? '' : await readText(response),
    events: isStream ? readEvents(response) : undefined,
    cut: () => void response.destroy(),
  };
}

async function* readEvents(response: IncomingMessage): AsyncGenerator<SseEvent> {
  const reader = new SseReader();
  response.setEncoding('utf8');
  for await (const piece of response) yield* reader.push(piece as string);
}

async function readText(response: IncomingMessage): Promise<string> {
  let text = '';
  response.setEncoding('utf8');
  for await (const piece of response) text += piece as string;
  return text;
}
