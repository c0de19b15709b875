/** Details of a refusal besides its message. */
interface Refusal {
  readonly status: number;
  readonly code: number | undefined;
  readonly data: unknown;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/**
 * A request of the test client was answered with an error: a JSON-RPC error, or an HTTP status that something before
 * the server answered with, such as a guard.
 *
 * @publicApi
 */
export class McpRequestError extends Error {
  override readonly name = 'McpRequestError';
  /** Status of the HTTP response. */
  readonly status: number;
  /** Code of the JSON-RPC error; `undefined` if the body is none. */
  readonly code: number | undefined;
  /** `data` of the JSON-RPC error. */
  readonly data: unknown;
  /** Headers of the HTTP response, names in lower case. */
  readonly headers: Readonly<Record<string, unknown>>;
  /** The body as it was sent; empty for an error that came on a stream. */
  readonly body: string;

  /** @internal */
  constructor(message: string, { status, code, data, headers, body }: Refusal) {
    super(message);
    this.status = status;
    this.code = code;
    this.data = data;
    this.headers = headers;
    this.body = body;
  }
}
