import { Injectable, UseGuards } from '@nestjs/common';
import { McpResource, McpTool, StreamableHttpTransport, type McpContext } from 'nestjs-mcp-adapters';
import { ConfirmDto, LendDto } from './loans.dto.js';
import { LoansService } from './loans.service.js';
import { MemberGuard } from './member.guard.js';

@Injectable()
export class LoansTools {
  constructor(
    private readonly loans: LoansService,
    private readonly transport: StreamableHttpTransport,
  ) {}

  @McpTool({ name: 'borrow_book', description: 'Borrows a book for whoever calls' })
  @UseGuards(MemberGuard)
  async borrowBook({ book }: LendDto, ctx: McpContext) {
    await ctx.progress(1, 2, 'looking for the book');
    const reader = this.loans.readerOf(book);
    if (reader !== undefined) {
      const answer = await ctx.elicit({ message: `${reader} has ${book}. Reserve it?`, schema: ConfirmDto });
      if (answer.action !== 'accept' || !answer.content.confirmed) return { book, state: 'unavailable' };
      return { book, state: 'reserved' };
    }
    this.loans.lend(book, ctx.principal?.subject ?? 'somebody');
    await ctx.progress(2, 2, 'lent');
    await this.transport.notifyResourceUpdated(`loans://${encodeURIComponent(book)}`);
    return { book, state: 'lent' };
  }

  @McpResource({ uriTemplate: 'loans://{book}', name: 'loan' })
  loan({ book }: { book: string }) {
    return this.loans.readerOf(book) ?? 'on the shelf';
  }
}
