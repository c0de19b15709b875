/** Deepest nesting of arrays and objects in a body. */
const MAX_DEPTH = 256;

/** Most arrays, objects and keys of a body: what parsing it, and everything after that, costs most. */
const MAX_PARTS = 100_000;

/** From so many bytes on, a string is searched for its end natively: that is quicker, but costs something to begin. */
const LEAP_AFTER = 64;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const OPENING_BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;
/** An opening brace is an opening bracket with this bit set, and so are the closing ones. */
const BRACE = 0x20;

/**
 * Looks over the bytes of a JSON text before it is parsed, in whatever pieces they come. Knows nothing of JSON but its
 * strings, and so costs about a nanosecond a byte however hostile the text is.
 */
export class JsonScanner {
  #depth = 0;
  #parts = 0;
  #isInString = false;
  #isEscaped = false;

  /** @returns what is too much of it so far, or `undefined` */
  push(bytes: Uint8Array): string | undefined {
    // Locals and one loop: this runs for every byte of every body.
    let depth = this.#depth;
    let parts = this.#parts;
    let isInString = this.#isInString;
    let isEscaped = this.#isEscaped;
    let leapAt = LEAP_AFTER;
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at] as number;
      if (isInString) {
        if (isEscaped) isEscaped = false;
        else if (byte === QUOTE) isInString = false;
        else if (byte === BACKSLASH) isEscaped = true;
        else if (at >= leapAt) {
          at = beforeEndOfString(bytes, at);
          leapAt = at + LEAP_AFTER;
        }
        continue;
      }
      if (byte === QUOTE) {
        isInString = true;
        leapAt = at + LEAP_AFTER;
      }
      if (byte === COLON) parts++;
      else if ((byte & ~BRACE) === CLOSING_BRACKET) depth--;
      else if ((byte & ~BRACE) === OPENING_BRACKET) {
        parts++;
        if (++depth > MAX_DEPTH) return `The body may be nested ${MAX_DEPTH} levels deep at most`;
      }
    }
    this.#depth = depth;
    this.#parts = parts;
    this.#isInString = isInString;
    this.#isEscaped = isEscaped;
    if (parts <= MAX_PARTS) return undefined;
    return `The body may hold ${MAX_PARTS} arrays, objects and keys at most`;
  }
}

/** The last byte before the next quote, or before the backslashes that come before it: the loop goes on behind it. */
function beforeEndOfString(bytes: Uint8Array, from: number): number {
  const quote = bytes.indexOf(QUOTE, from);
  let before = (quote < 0 ? bytes.length : quote) - 1;
  while (before > from && bytes[before] === BACKSLASH) before--;
  return before;
}
