import { setTimeout } from 'node:timers/promises';
import { Injectable, UseGuards } from '@nestjs/common';
import { McpCtx, McpTool, type McpContext } from 'nestjs-mcp-adapters';
import { z } from 'zod';
import { ApiKeyGuard } from './api-key.guard.js';
import { BRANCHES, SUBJECTS, type Branch } from './books.js';
import { CatalogueService } from './catalogue.service.js';
import { SearchBooksDto } from './search-books.dto.js';

/** Result of search_books, as a zod schema. */
const SearchResult = z.object({
  found: z.int().describe('How many books fit, of which some may not be shown'),
  books: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      author: z.string(),
      year: z.int(),
      subject: z.enum(SUBJECTS),
    }),
  ),
});

/** Arguments of get_availability, as JSON Schema. Modern clients repeat `branch` in the header `Mcp-Param-Branch`. */
const AvailabilityRequest = {
  type: 'object',
  properties: {
    bookId: { type: 'string', description: 'Id of a book, as search_books gives it' },
    branch: { type: 'string', enum: BRANCHES, 'x-mcp-header': 'Branch' },
  },
  required: ['bookId', 'branch'],
  additionalProperties: false,
};

/** Arguments of reserve_book, as a zod schema. */
const ReservationRequest = z.object({
  bookId: z.string().describe('Id of a book, as search_books gives it'),
  branch: z.enum(BRANCHES),
  reader: z.string().trim().min(1).max(80).describe('Who will pick the book up'),
});

@Injectable()
export class CatalogueTools {
  constructor(private readonly catalogue: CatalogueService) {}

  /** No parameters: callable with `{}`. Any object becomes structured content. */
  @McpTool({
    name: 'browse_subjects',
    description: 'The subjects of the library and how many titles it has of each',
    annotations: { readOnlyHint: true },
  })
  browseSubjects() {
    return { subjects: this.catalogue.subjects() };
  }

  /** The DTO class of the first parameter is the input schema. */
  @McpTool({
    name: 'search_books',
    description: 'Find books by title, author or subject',
    output: SearchResult,
    annotations: { readOnlyHint: true },
  })
  searchBooks({ query, subject, limit }: SearchBooksDto) {
    const found = this.catalogue.search({ query, subject });
    const books = found.slice(0, limit).map(({ copies: _, ...book }) => book);
    return { found: found.length, books };
  }

  /** An `HttpException`, thrown here for an unknown id, becomes a tool error that the model can read. */
  @McpTool({
    name: 'get_availability',
    description: 'How many copies of a book one branch of the library has to lend',
    input: AvailabilityRequest,
    annotations: { readOnlyHint: true },
  })
  getAvailability({ bookId, branch }: { bookId: string; branch: Branch }) {
    const copies = this.catalogue.available(bookId, branch);
    return `${copies} ${copies === 1 ? 'copy' : 'copies'} of "${bookId}" at the ${branch} branch`;
  }

  /** Guards, pipes, interceptors and filters apply as on a controller. */
  @McpTool({ name: 'reserve_book', description: 'Reserve a copy of a book', input: ReservationRequest })
  @UseGuards(ApiKeyGuard)
  reserveBook({ bookId, branch, reader }: z.infer<typeof ReservationRequest>) {
    return this.catalogue.reserve(bookId, branch, reader);
  }

  /** Takes a while: reports progress, and stops when the client cancels. */
  @McpTool({
    name: 'take_stock',
    description: 'Count the copies of all books, subject by subject',
    input: { type: 'object', additionalProperties: false },
    annotations: { readOnlyHint: true },
  })
  async takeStock(@McpCtx() ctx: McpContext) {
    let copies = 0;
    for (const [index, subject] of SUBJECTS.entries()) {
      await setTimeout(250, undefined, { signal: ctx.signal });
      for (const book of this.catalogue.search({ subject })) copies += book.copies.north + book.copies.south;
      await ctx.progress(index + 1, SUBJECTS.length, `counted ${subject}`);
    }
    return `${copies} copies of ${this.catalogue.search({}).length} books`;
  }
}
