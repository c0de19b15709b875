import type { OutgoingHttpHeaders } from 'node:http';
import { HttpAnswer } from './http-answer.js';
import type { HttpRequest, InProcessHttp } from './in-process-http.js';

/** Options of a POST. */
export interface PostOptions {
  readonly headers?: OutgoingHttpHeaders;
  readonly signal?: AbortSignal;
}

/** The MCP endpoint of an application as a client sees it. */
export class Endpoint {
  constructor(
    private readonly http: InProcessHttp,
    private readonly path: string,
    private readonly headers: Readonly<Record<string, string>>,
  ) {}

  /** @throws McpRequestError when the status says that the message was refused */
  post(message: object, { headers, signal }: PostOptions = {}): Promise<HttpAnswer> {
    return this.#send({
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...headers,
      },
      body: JSON.stringify(message),
      ...(signal && { signal }),
    });
  }

  get({ headers, signal }: PostOptions): Promise<HttpAnswer> {
    const all = { accept: 'text/event-stream', ...headers };
    return this.#send({ method: 'GET', headers: all, ...(signal && { signal }) });
  }

  delete({ headers }: PostOptions): Promise<HttpAnswer> {
    return this.#send({ method: 'DELETE', headers: { ...headers } });
  }

  async #send({ headers, ...request }: Omit<HttpRequest, 'path'>): Promise<HttpAnswer> {
    const path = this.path;
    const response = await this.http.send({
      ...request,
      path,
      headers: { host: 'localhost', ...headers, ...this.headers },
    });
    const answer = new HttpAnswer(response);
    if (answer.status >= 400) throw await answer.toError();
    return answer;
  }
}
