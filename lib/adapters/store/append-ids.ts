import { randomBytes } from 'node:crypto';

/** Idempotency keys for appends of one instance, of which no other one has any. */
export class AppendIds {
  readonly #instance = randomBytes(9).toString('base64url');
  #count = 0;

  next(): string {
    return `${this.#instance}-${(++this.#count).toString(36)}`;
  }
}
