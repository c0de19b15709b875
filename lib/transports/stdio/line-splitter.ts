const NEWLINE = 0x0a;

/** Stands for a line that is longer than allowed: reported once, when it has become so. */
export const TOO_LONG = Symbol('too long');

export type Line = Buffer | typeof TOO_LONG;

/** Cuts a stream of bytes into lines, in whatever pieces it comes. Holds no more than `maxBytes` of one. */
export class LineSplitter {
  #pieces: Buffer[] = [];
  #length = 0;
  #isSkipping = false;

  constructor(private readonly maxBytes: number) {}

  /** Lines that end in `chunk`, without their ends. */
  *push(chunk: Buffer): Generator<Line> {
    let start = 0;
    for (let end; (end = chunk.indexOf(NEWLINE, start)) >= 0; start = end + 1) {
      const excess = this.#add(chunk.subarray(start, end));
      if (excess) yield excess;
      const line = this.#take();
      if (line) yield line;
    }
    const excess = this.#add(chunk.subarray(start));
    if (excess) yield excess;
  }

  /** Last line, where it has no end; `undefined` if there is none. */
  rest(): Buffer | undefined {
    return this.#length > 0 ? this.#take() : undefined;
  }

  #add(piece: Buffer): typeof TOO_LONG | undefined {
    if (this.#isSkipping || piece.length === 0) return undefined;
    this.#length += piece.length;
    if (this.#length <= this.maxBytes) {
      this.#pieces.push(piece);
      return undefined;
    }
    this.#pieces = [];
    this.#isSkipping = true;
    return TOO_LONG;
  }

  #take(): Buffer | undefined {
    const [first, ...others] = this.#pieces;
    const line = first && others.length === 0 ? first : Buffer.concat(this.#pieces);
    const isSkipped = this.#isSkipping;
    this.#pieces = [];
    this.#length = 0;
    this.#isSkipping = false;
    return isSkipped ? undefined : line;
  }
}
