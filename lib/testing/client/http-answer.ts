import type { IncomingMessage } from 'node:http';
import {
  isObject,
  parseMessage,
  type JsonRpcErrorObject,
  type JsonRpcMessage,
} from '../../protocol/json-rpc.js';
import { McpRequestError } from './mcp-request.error.js';
import { SseReader } from './sse-reader.js';

/** One message of an answer, or just an event that names a position in a stream. */
export interface AnswerEvent {
  readonly message?: JsonRpcMessage;
  readonly id?: string;
  readonly retry?: number;
}

/** The answer to one HTTP request, whose head is there and whose body is read as it comes. */
export class HttpAnswer {
  constructor(private readonly response: IncomingMessage) {}

  get status(): number {
    return this.response.statusCode ?? 0;
  }

  header(name: string): string | undefined {
    return this.response.headers[name]?.toString();
  }

  get isStream(): boolean {
    return this.header('content-type')?.startsWith('text/event-stream') === true;
  }

  /** The JSON-RPC messages in order. Ends when the answer does. */
  async *events(): AsyncGenerator<AnswerEvent> {
    if (this.isStream) {
      yield* this.#streamed();
      return;
    }
    const text = await this.text();
    const body = text === '' ? [] : (JSON.parse(text) as unknown);
    for (const value of Array.isArray(body) ? body : [body]) yield { message: toMessage(value) };
  }

  async text(): Promise<string> {
    const chunks: Buffer[] = [];
    for await (const chunk of this.response) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString();
  }

  /** Reads and discards the rest of the body, so that the connection can end. */
  discard(): void {
    this.response.resume();
  }

  /** The error that a refused request is rejected with. */
  async toError(): Promise<McpRequestError> {
    const body = await this.text();
    const error = readError(body);
    return new McpRequestError(error?.message ?? `The server answered ${this.status}: ${body}`, {
      status: this.status,
      code: error?.code,
      data: error?.data,
      headers: this.response.headers,
      body,
    });
  }

  /** The same for an error that came as an answer in due form. */
  errorOf({ code, message, data }: JsonRpcErrorObject): McpRequestError {
    return new McpRequestError(message, {
      status: this.status,
      code,
      data,
      headers: this.response.headers,
      body: '',
    });
  }

  async *#streamed(): AsyncGenerator<AnswerEvent> {
    const reader = new SseReader();
    this.response.setEncoding('utf8');
    for await (const chunk of this.response) {
      for (const { data, id, retry } of reader.push(chunk as string)) {
        yield {
          ...(data !== '' && { message: toMessage(JSON.parse(data)) }),
          ...(id !== undefined && { id }),
          ...(retry !== undefined && { retry }),
        };
      }
    }
  }
}

function toMessage(value: unknown): JsonRpcMessage {
  const message = parseMessage(value);
  if (!message) throw new Error(`The server sent what is no JSON-RPC message: ${JSON.stringify(value)}`);
  return message;
}

function readError(body: string): JsonRpcErrorObject | undefined {
  try {
    const value = JSON.parse(body) as unknown;
    const error = isObject(value) ? value['error'] : undefined;
    return isObject(error) ? (error as unknown as JsonRpcErrorObject) : undefined;
  } catch {
    return undefined;
  }
}
