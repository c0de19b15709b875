import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { McpTool, type McpContext } from 'nestjs-mcp-adapters';
import { ContactsService, type Contact } from './contacts.service.js';
import { DuplicatesDto, ImportDto } from './import.dto.js';

@Injectable()
export class ImportTools {
  constructor(private readonly contacts: ContactsService) {}

  /** Goes on when its client loses the connection; the client comes back for the rest. */
  @McpTool({ name: 'import_contacts', description: 'Imports contacts, one after another', input: ImportDto })
  async importContacts({ contacts, delayMs = 200 }: ImportDto, ctx: McpContext) {
    const kept: Contact[] = [];
    let replaces: boolean | undefined;
    for (const [index, contact] of contacts.entries()) {
      await delay(delayMs, undefined, { signal: ctx.signal });
      if (this.contacts.has(contact)) replaces ??= await this.asksToReplace(contact, ctx);
      if (this.contacts.has(contact) && replaces === false) kept.push(contact);
      else this.contacts.save(contact);
      await ctx.progress(index + 1, contacts.length, contact.email);
    }
    const imported = contacts.length - kept.length;
    await ctx.session.set('imported', ((await ctx.session.get<number>('imported')) ?? 0) + imported);
    return { imported, kept: kept.map(({ email }) => email) };
  }

  @McpTool({ name: 'import_count', description: 'How many contacts this session has imported' })
  async importCount(_args: unknown, ctx: McpContext) {
    return `${(await ctx.session.get<number>('imported')) ?? 0} contacts`;
  }

  @McpTool({ name: 'list_contacts', description: 'Lists the address book' })
  listContacts() {
    return { contacts: this.contacts.all() };
  }

  /** Asked once, at the first contact that is there already. */
  private async asksToReplace({ email }: Contact, ctx: McpContext): Promise<boolean> {
    const message = `${email} is in the address book already. Replace such contacts, or keep them?`;
    const answer = await ctx.elicit({ message, schema: DuplicatesDto });
    return answer.action === 'accept' && answer.content?.existing === 'replace';
  }
}
