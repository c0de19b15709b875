import { createHmac, timingSafeEqual } from 'node:crypto';
import { invalidParams } from '../protocol/mcp.error.js';

const MAC_BYTES = 16;
const MAX_CURSOR_LENGTH = 16_384;

/**
 * Makes and reads the cursors of one list. A cursor says after which entry to go on, so it survives entries that come and
 * go; its authentication code lets every instance with the same secret tell its own cursors from anything else.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/utilities/pagination
 */
export class ListCursor {
  constructor(
    private readonly secret: string,
    private readonly list: string,
  ) {}

  after(key: string): string {
    return Buffer.concat([this.#mac(key), Buffer.from(key)]).toString('base64url');
  }

  /** The key to go on after. Throws `-32602` for what `after` did not make. */
  read(cursor: unknown): string {
    if (typeof cursor !== 'string' || cursor.length > MAX_CURSOR_LENGTH) throw badCursor();
    const bytes = Buffer.from(cursor, 'base64url');
    const key = bytes.subarray(MAC_BYTES).toString();
    // The text is compared too, as decoding overlooks characters that are no base64url.
    if (bytes.length <= MAC_BYTES || bytes.toString('base64url') !== cursor) throw badCursor();
    if (!timingSafeEqual(bytes.subarray(0, MAC_BYTES), this.#mac(key))) throw badCursor();
    return key;
  }

  #mac(key: string): Buffer {
    return createHmac('sha256', this.secret).update(`${this.list}\0${key}`).digest().subarray(0, MAC_BYTES);
  }
}

function badCursor() {
  return invalidParams('cursor is not one of this list');
}
