import { Injectable } from '@nestjs/common';

/** Borrower of each book. */
@Injectable()
export class LoansService {
  readonly #readers = new Map<string, string>();

  readerOf(book: string): string | undefined {
    return this.#readers.get(book);
  }

  lend(book: string, reader: string): void {
    this.#readers.set(book, reader);
  }
}
