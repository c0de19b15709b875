import type { Bell, BellListener } from '../store.js';

/** Without a heartbeat for so long, a connection is taken for lost. */
const SILENCE_MS = 25_000;

const FIRST_RETRY_MS = 50;
const MAX_RETRY_MS = 5_000;

/** A connection, with what has come of it. */
interface Connection {
  readonly reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly begun: Uint8Array | undefined;
}

/** Opens a stream of bells. */
type Open = (signal: AbortSignal) => Promise<Response>;

/**
 * Hears the bells of one record by a stream of its object, which ends whenever the object is evicted or moved: a new one is
 * opened then, and the bell rung for what was not heard in between.
 */
export class ObjectFollower {
  readonly #abort = new AbortController();

  constructor(
    private readonly open: Open,
    private readonly ring: BellListener,
  ) {}

  /** Resolves when bells are heard; rejects if the first connection fails. */
  async start(): Promise<void> {
    void this.#follow(await this.#connect());
  }

  stop(): void {
    this.#abort.abort();
  }

  async #connect(): Promise<Connection> {
    const response = await this.open(this.#abort.signal);
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    // The first byte says that the object knows of this follower. There may be bells behind it.
    const { value } = await reader.read();
    return { reader, begun: value };
  }

  async #follow(first: Connection): Promise<void> {
    let connection: Connection | undefined = first;
    let delay = FIRST_RETRY_MS;
    while (!this.#abort.signal.aborted) {
      try {
        connection ??= await this.#connect();
        if (connection !== first) this.#tell('stale');
        delay = FIRST_RETRY_MS;
        await this.#read(connection);
      } catch {
        // Lost like any other, and tried again.
      }
      void connection?.reader.cancel().catch(() => undefined);
      connection = undefined;
      if (this.#abort.signal.aborted) return;
      await new Promise((resolve) => setTimeout(resolve, delay));
      delay = Math.min(delay * 2, MAX_RETRY_MS);
    }
  }

  async #read({ reader, begun }: Connection): Promise<void> {
    const decoder = new TextDecoder();
    let rest = '';
    for (let value = begun; value !== undefined; { value } = await this.#next(reader)) {
      const lines = (rest + decoder.decode(value, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line !== '') this.#tell(parse(line));
    }
  }

  /** The next chunk; nothing after too long a silence, or once this was stopped. */
  async #next(reader: ReadableStreamDefaultReader<Uint8Array>) {
    const { signal } = this.#abort;
    let stop: (() => void) | undefined;
    let timer: NodeJS.Timeout | undefined;
    const end = new Promise<{ value?: Uint8Array }>((resolve) => {
      stop = () => resolve({});
      timer = setTimeout(stop, SILENCE_MS);
      signal.addEventListener('abort', stop, { once: true });
    });
    try {
      return await Promise.race([reader.read(), end]);
    } finally {
      clearTimeout(timer);
      if (stop) signal.removeEventListener('abort', stop);
    }
  }

  #tell(bell: Bell): void {
    if (!this.#abort.signal.aborted) this.ring(bell);
  }
}

/** JSON leaves out what is undefined. */
function parse(line: string): Bell {
  const bell = JSON.parse(line) as Bell;
  return typeof bell === 'string' ? bell : { ...bell, previous: bell.previous };
}
