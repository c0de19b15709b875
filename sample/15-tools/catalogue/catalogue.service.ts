import { ConflictException, Injectable, NotFoundException } from '@nestjs/common';
import { BOOKS, SUBJECTS, type Book, type Branch, type Subject } from './books.js';

export interface Search {
  readonly query?: string | undefined;
  readonly subject?: Subject | undefined;
}

export interface Reservation {
  readonly number: number;
  readonly bookId: string;
  readonly branch: Branch;
  readonly reader: string;
}

/** The library's books and reservations, kept in memory. Put a database behind it and nothing else changes. */
@Injectable()
export class CatalogueService {
  private readonly reservations: Reservation[] = [];

  subjects(): { subject: Subject; titles: number }[] {
    return SUBJECTS.map((subject) => ({ subject, titles: this.search({ subject }).length }));
  }

  search({ query = '', subject }: Search): readonly Book[] {
    const wanted = query.toLowerCase();
    return BOOKS.filter(
      (book) =>
        (subject === undefined || book.subject === subject) &&
        `${book.title} ${book.author}`.toLowerCase().includes(wanted),
    );
  }

  /** How many copies of a book a branch can still give away. */
  available(bookId: string, branch: Branch): number {
    const book = BOOKS.find(({ id }) => id === bookId);
    if (!book) throw new NotFoundException(`There is no book with the id "${bookId}"`);
    const reserved = this.reservations.filter((one) => one.bookId === bookId && one.branch === branch);
    return book.copies[branch] - reserved.length;
  }

  reserve(bookId: string, branch: Branch, reader: string): Reservation {
    if (this.available(bookId, branch) < 1) {
      throw new ConflictException(`No copy of "${bookId}" is left at the ${branch} branch`);
    }
    const reservation = { number: this.reservations.length + 1, bookId, branch, reader };
    this.reservations.push(reservation);
    return reservation;
  }
}
