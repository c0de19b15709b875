/** Head of a response. */
export interface ResponseHead {
  readonly status: number;
  /** The head as it came, without the empty line. */
  readonly text: string;
}

/** Listener to responses as they come. */
export interface ResponseListener {
  /** True if the next response has no body in spite of its head, as one to HEAD. */
  isBodiless(): boolean;
  onHead(head: ResponseHead): void;
  onBody(bytes: Buffer): void;
  onEnd(): void;
}

const HEAD_END = Buffer.from('\r\n\r\n');
const LINE_END = Buffer.from('\r\n');

/** Reads the responses of one connection, one after another, from bytes in any pieces. Throws for what is no HTTP. */
export class HttpReader {
  #rest: Buffer = Buffer.alloc(0);
  /** State of the parser: a head, so many bytes of a body or of a chunk, the line before a chunk, the one after it. */
  #state: 'head' | 'body' | 'size' | 'chunk' | 'chunk-end' | 'trailer' = 'head';
  #left = 0;

  constructor(private readonly listener: ResponseListener) {}

  /** True if the next byte would begin a response. */
  get isIdle(): boolean {
    return this.#state === 'head' && this.#rest.length === 0;
  }

  push(bytes: Buffer): void {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    while (this.#step());
  }

  /** Reads one part; `false` when it is not there yet. */
  #step(): boolean {
    switch (this.#state) {
      case 'head':
        return this.#readHead();
      case 'body':
      case 'chunk':
        return this.#readBytes();
      case 'chunk-end':
        return this.#readLine(() => (this.#state = 'size'));
      case 'trailer':
        return this.#readLine(() => this.#end());
      case 'size':
        return this.#readLine((line) => {
          this.#left = parseInt(line, 16);
          if (!(this.#left >= 0)) throw new Error(`Not the size of a chunk: ${JSON.stringify(line)}`);
          this.#state = this.#left === 0 ? 'trailer' : 'chunk';
        });
    }
  }

  #readHead(): boolean {
    const end = this.#rest.indexOf(HEAD_END);
    if (end < 0) return false;
    const text = this.#rest.toString('latin1', 0, end);
    this.#rest = this.#rest.subarray(end + HEAD_END.length);
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(text)?.[1]);
    if (!status) throw new Error(`Not the head of a response: ${JSON.stringify(text.slice(0, 200))}`);
    const isBodiless = this.listener.isBodiless() || status === 204 || status === 304;
    this.listener.onHead({ status, text });
    this.#left = Number(headerOf(text, 'content-length') ?? 0);
    if (!isBodiless && headerOf(text, 'transfer-encoding') === 'chunked') this.#state = 'size';
    else if (!isBodiless && this.#left > 0) this.#state = 'body';
    else this.#end();
    return true;
  }

  #readBytes(): boolean {
    if (this.#rest.length === 0) return false;
    const bytes = this.#rest.subarray(0, this.#left);
    this.#rest = this.#rest.subarray(bytes.length);
    this.#left -= bytes.length;
    this.listener.onBody(bytes);
    if (this.#left > 0) return false;
    if (this.#state === 'chunk') this.#state = 'chunk-end';
    else this.#end();
    return true;
  }

  #readLine(take: (line: string) => void): boolean {
    const end = this.#rest.indexOf(LINE_END);
    if (end < 0) return false;
    const line = this.#rest.toString('latin1', 0, end);
    this.#rest = this.#rest.subarray(end + LINE_END.length);
    take(line);
    return true;
  }

  #end(): void {
    this.#state = 'head';
    this.listener.onEnd();
  }
}

/** One header of a head. */
export function headerOf(head: string, name: string): string | undefined {
  const start = head.toLowerCase().indexOf(`\r\n${name}:`);
  if (start < 0) return undefined;
  const end = head.indexOf('\r\n', start + 2);
  return head.slice(start + name.length + 3, end < 0 ? undefined : end).trim();
}
