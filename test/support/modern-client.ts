import { createPoster, modern, type HttpAnswer } from './http.js';
import { RawExchange } from './raw-http.js';

export const ALL_CAPABILITIES = {
  elicitation: { form: {}, url: {} },
  sampling: { tools: {} },
  roots: {},
} as const;

export interface CallOptions {
  readonly capabilities?: object;
  readonly progressToken?: string | number;
  readonly logLevel?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Subject of a request: a tool by default. */
export interface Subject {
  readonly method?: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** Parameters of a request that continues a conversation. */
export interface Continuation {
  readonly inputResponses?: unknown;
  readonly requestState?: unknown;
}

/** A 2026-07-28 client of the plainest kind, which sends what it is told. */
export class ModernClient {
  constructor(
    readonly url: string,
    readonly subject: Subject,
    readonly options: CallOptions = {},
  ) {}

  static tool(
    app: { url: string },
    name: string,
    args: object = {},
    options: CallOptions = {},
  ): ModernClient {
    return new ModernClient(app.url, { params: { name, arguments: args } }, options);
  }

  /** The same request, sent elsewhere or otherwise. */
  with({
    url = this.url,
    params = {},
    ...options
  }: CallOptions & { url?: string; params?: object }): ModernClient {
    const { method, params: before } = this.subject;
    const subject = { ...(method !== undefined && { method }), params: { ...before, ...params } };
    return new ModernClient(url, subject, { ...this.options, ...options });
  }

  /** Sends the request and reads the answer whole. */
  send(continuation: Continuation = {}): Promise<HttpAnswer> {
    const [body, headers] = this.#request(continuation);
    return createPoster(this.url)(body, headers);
  }

  /** Sends the request and follows the answer as it comes. */
  begin(continuation: Continuation = {}): RawExchange {
    const [body, headers] = this.#request(continuation);
    return new RawExchange(this.url, { method: 'POST', body, headers });
  }

  /** Answers what the last answer asked. */
  answer(last: HttpAnswer, inputResponses: unknown): Promise<HttpAnswer> {
    return this.send({ inputResponses, requestState: stateOf(last) });
  }

  #request(continuation: Continuation): [object, Record<string, string>] {
    const { method = 'tools/call', params } = this.subject;
    const { capabilities = ALL_CAPABILITIES, progressToken, logLevel, headers } = this.options;
    const meta = {
      ...(progressToken !== undefined && { progressToken }),
      ...(logLevel !== undefined && { 'io.modelcontextprotocol/logLevel': logLevel }),
    };
    const [body, standard] = modern(method, { ...params, ...continuation }, { capabilities, meta });
    return [body, { ...standard, ...headers }];
  }
}

/** The questions of an answer, by key. Fails if it asks nothing. */
export function askedIn({ json }: Pick<HttpAnswer, 'json'>): Record<string, any> {
  if (json.result?.resultType !== 'input_required') throw new Error(`Not asked: ${JSON.stringify(json)}`);
  return json.result.inputRequests;
}

export function stateOf({ json }: Pick<HttpAnswer, 'json'>): string {
  askedIn({ json });
  return json.result.requestState;
}
