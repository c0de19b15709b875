import { EventEmitter } from 'node:events';
import { STATUS_CODES } from 'node:http';
import { Readable } from 'node:stream';
import { HttpException } from '@nestjs/common';
import { isObject } from '../protocol/json-rpc.js';
import { McpError } from '../protocol/mcp.error.js';
import { McpAdapterMissingError } from './mcp-adapter-missing.error.js';
import { messageOf, parsed, toText } from './written-message.js';

/** Mark of stand-ins. */
const RECORDING: unique symbol = Symbol('recording');

/** The HTTP request of a call, with the response as the code around its handler sees it. */
export class CallHttp {
  /** The response itself, which no handler may reach. */
  readonly #live: unknown;
  #recording: CallResponse | undefined;
  #response: unknown;
  #isFinished = false;

  constructor(
    readonly request: unknown,
    live: unknown,
  ) {
    this.#live = live;
  }

  /**
   * Stand-in for the response, made when first used, as most calls have no use for it. Whatever is written to it is recorded
   * and reaches no client, since one response may carry the answers of several calls, or a stream. What the platform, a
   * plugin or middleware has put on the response before can be read, its headers included; its methods do nothing.
   */
  get response(): unknown {
    if (!isObject(this.#live)) return this.#live;
    if (this.#recording) return this.#response;
    this.#recording = new CallResponse(this.#live);
    if (this.#isFinished) this.#recording.finish();
    return (this.#response = new Proxy(this.#recording, READ_THROUGH));
  }

  /** The headers that code around the handler has set, for an answer that carries nothing else; `undefined` if there are none. */
  get writtenHeaders(): Readonly<Record<string, HeaderValue>> | undefined {
    const changed = this.#recording?.changed;
    if (!changed) return undefined;
    return Object.fromEntries(
      [...changed].flatMap(([name, value]) =>
        value === undefined || OWN_HEADERS.test(name) ? [] : [[name, value]],
      ),
    );
  }

  /** True if an answer with an error status was written. */
  get isRefused(): boolean {
    return this.#recording !== undefined && this.#recording.headersSent && this.#recording.statusCode >= 400;
  }

  /** The answer that was written, as the error of the call; `undefined` if none was. */
  writtenError(cause?: unknown): HttpException | undefined {
    return this.#recording?.toError(cause);
  }

  /** Notifies the listeners of the response that the call is over, as a response does. */
  finish(): void {
    this.#isFinished = true;
    this.#recording?.finish();
  }
}

/** Return value of code around a handler; `undefined` for a stand-in, as `return response.send()` returns one. */
export function unlessResponse(value: unknown): unknown {
  return isObject(value) && (value as { [RECORDING]?: true })[RECORDING] ? undefined : value;
}

/** Headers that only the writer of the answer may set. */
const OWN_HEADERS =
  /^(content-|transfer-|mcp-|connection$|keep-alive$|upgrade$|trailer$|date$|vary$|location$|access-control-)/;

const READ_THROUGH: ProxyHandler<CallResponse> = {
  get(recording, key, self) {
    if (key in recording) return Reflect.get(recording, key, self) as unknown;
    // Fastify's reply is awaited until it is sent, which this one never is.
    if (key === 'then') return undefined;
    const value = recording.live[key as string];
    return typeof value === 'function' ? () => self as unknown : value;
  },
  has: (recording, key) => key in recording || key in recording.live,
};

/** Value of a header, as Node takes it. */
export type HeaderValue = number | string | readonly string[];

/** Records what `node:http`, Express and Fastify would send. Methods return the stand-in, so that calls can be chained. */
class CallResponse extends EventEmitter {
  statusCode = 200;
  statusMessage = '';
  headersSent = false;
  writableEnded = false;
  readonly socket = null;
  readonly connection = null;
  readonly writable = true;
  readonly destroyed = false;
  readonly [RECORDING] = true;
  /** Headers that were set or, where there is no value, removed since the call began. */
  changed: Map<string, HeaderValue | undefined> | undefined;
  private readonly inherited: Readonly<Record<string, HeaderValue>>;
  private body: unknown;
  private text = '';

  // No private names: methods are called on the proxy.
  constructor(readonly live: Readonly<Record<string, unknown>>) {
    super();
    this.inherited = headersOf(live);
  }

  /** Fastify's name for Node's own response. */
  get raw(): this {
    return this;
  }
  get sent(): boolean {
    return this.headersSent;
  }
  get finished(): boolean {
    return this.writableEnded;
  }
  get writableFinished(): boolean {
    return this.writableEnded;
  }

  // Node's own.
  writeHead(status: number, ...rest: unknown[]): this {
    this.statusCode = status;
    const headers = rest.find(isObject);
    if (headers && !Array.isArray(headers)) this.setHeaders(Object.entries(headers));
    this.headersSent = true;
    return this;
  }
  setHeader(name: string, value: HeaderValue | undefined): this {
    (this.changed ??= new Map()).set(String(name).toLowerCase(), value);
    return this;
  }
  setHeaders(headers: Iterable<readonly [string, unknown]>): this {
    for (const [name, value] of headers) this.setHeader(name, value as HeaderValue);
    return this;
  }
  appendHeader(name: string, value: HeaderValue): this {
    const present = this.getHeader(name);
    return this.setHeader(name, present === undefined ? value : [present, value].flat().map(String));
  }
  getHeader(name: string): HeaderValue | undefined {
    return this.getHeaders()[String(name).toLowerCase()];
  }
  getHeaderNames(): string[] {
    return Object.keys(this.getHeaders());
  }
  getHeaders(): Record<string, HeaderValue> {
    const all = Object.entries({ ...this.inherited, ...Object.fromEntries(this.changed ?? []) });
    return Object.fromEntries(all.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
  }
  hasHeader(name: string): boolean {
    return this.getHeader(name) !== undefined;
  }
  removeHeader(name: string): this {
    return this.setHeader(name, undefined);
  }
  flushHeaders(): void {
    this.headersSent = true;
  }
  write(chunk: unknown, ...rest: unknown[]): boolean {
    this.headersSent = true;
    this.text = (this.text + toText(chunk)).slice(0, MAX_TEXT);
    settle(rest);
    return true;
  }
  end(...given: unknown[]): this {
    const [chunk] = given;
    if (chunk !== undefined && chunk !== null && typeof chunk !== 'function') this.write(chunk);
    this.headersSent = true;
    settle(given);
    this.finish();
    return this;
  }
  finish(): void {
    if (this.writableEnded) return;
    this.writableEnded = true;
    this.emit('finish');
    this.emit('close');
  }
  destroy(): this {
    return this.end();
  }
  setTimeout(): this {
    return this;
  }
  cork(): void {}
  uncork(): void {}

  // Shared by Express and Fastify.
  status(status: number): this {
    this.statusCode = status;
    return this;
  }
  send(body?: unknown): this {
    if (body instanceof Readable) body.destroy();
    else if (body !== undefined) this.body = body;
    return this.end();
  }
  header(name: unknown, value?: HeaderValue): unknown {
    if (isObject(name)) return this.setHeaders(Object.entries(name));
    return value === undefined ? this.getHeader(String(name)) : this.setHeader(String(name), value);
  }
  type(type: string): this {
    return this.setHeader('content-type', type);
  }
  redirect(...given: unknown[]): this {
    this.statusCode = given.find((each) => typeof each === 'number') ?? 302;
    return this.end();
  }

  // Express.
  json(body?: unknown): this {
    return this.send(body);
  }
  jsonp(body?: unknown): this {
    return this.send(body);
  }
  sendStatus(status: number): this {
    this.statusCode = status;
    return this.send(STATUS_CODES[status]);
  }
  set(name: unknown, value?: HeaderValue): this {
    this.header(name, value);
    return this;
  }
  get(name: string): unknown {
    return this.getHeader(name);
  }
  append(name: string, value: HeaderValue): this {
    return this.appendHeader(name, value);
  }
  sendFile(...given: unknown[]): this {
    return this.end(...given.filter((each) => each instanceof Function));
  }
  download(...given: unknown[]): this {
    return this.sendFile(...given);
  }
  /** With a callback it sends nothing. */
  render(...given: unknown[]): this {
    const { render } = this.live;
    if (!(given.at(-1) instanceof Function) || !(render instanceof Function)) return this.sendFile(...given);
    render.apply(this.live, given);
    return this;
  }

  // Fastify.
  code(status: number): this {
    return this.status(status);
  }
  headers(headers: Readonly<Record<string, HeaderValue>>): this {
    return this.setHeaders(Object.entries(headers));
  }
  hijack(): this {
    this.headersSent = true;
    return this;
  }

  /**
   * The error that was written; `undefined` if none was. An error of this library that the code around the handler does not know,
   * and answers with status 500 alone, stays what it is: it has a code of its own, or a line of the log.
   */
  toError(cause: unknown): HttpException | undefined {
    if (!this.headersSent) return undefined;
    const status = this.statusCode >= 400 ? this.statusCode : 500;
    const said = messageOf(this.body) ?? messageOf(parsed(this.text));
    if (said === undefined && status === 500 && isOwnError(cause)) return undefined;
    const text = said ?? STATUS_CODES[status] ?? 'Error';
    return new HttpException({ statusCode: status, message: text }, status, { cause });
  }
}

/** Headers that were put on a response before the call: not those that a stream which has begun was sent with. */
function headersOf(live: Readonly<Record<string, unknown>>): Readonly<Record<string, HeaderValue>> {
  const { getHeaders, headersSent = isObject(live['raw']) && live['raw']['headersSent'] } = live;
  const headers =
    typeof getHeaders === 'function' ? (getHeaders.call(live) as Record<string, HeaderValue>) : {};
  if (headersSent !== true) return headers;
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !OWN_HEADERS.test(name)));
}

function isOwnError(error: unknown): boolean {
  return error instanceof McpError || error instanceof McpAdapterMissingError;
}

/** Of a body in pieces; more is no message. */
const MAX_TEXT = 16 * 1024;

/** Calls the callback that was given last, if one was. */
function settle(given: readonly unknown[]): void {
  const callback = given.at(-1);
  if (typeof callback === 'function') process.nextTick(callback);
}
