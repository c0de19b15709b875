import { Injectable, UseGuards } from '@nestjs/common';
import { Throttle } from '@nestjs/throttler';
import { McpPublic, McpScopes, McpTool, type McpContext } from 'nestjs-mcp-adapters';
import { z } from 'zod';
import { NotesThrottlerGuard } from './notes-throttler.guard.js';

const NewNote = z.object({ text: z.string().min(1).max(1000) });

/** Notes of all users, each to their own. */
@Injectable()
@McpScopes('notes:read')
export class NotesTools {
  readonly #notes = new Map<string, string[]>();

  @McpTool({
    name: 'list_notes',
    description: 'The notes of the user',
    annotations: { readOnlyHint: true },
  })
  listNotes(_args: unknown, ctx: McpContext) {
    return { notes: this.#notesOf(ctx) };
  }

  @McpTool({ name: 'add_note', description: 'Write a note for the user', input: NewNote })
  @McpScopes('notes:write')
  @UseGuards(NotesThrottlerGuard)
  @Throttle({ default: { ttl: 60_000, limit: 5 } })
  addNote({ text }: z.infer<typeof NewNote>, ctx: McpContext) {
    const notes = this.#notesOf(ctx);
    notes.push(text);
    return `Note ${notes.length} is written`;
  }

  @McpTool({ name: 'about', description: 'What this server is for', annotations: { readOnlyHint: true } })
  @McpPublic()
  about() {
    return 'Keeps notes. Signing in is needed to read and write them.';
  }

  #notesOf({ principal }: McpContext): string[] {
    const owner = JSON.stringify([principal?.issuer, principal?.subject]);
    const notes = this.#notes.get(owner) ?? [];
    this.#notes.set(owner, notes);
    return notes;
  }
}
