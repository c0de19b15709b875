import { afterEach, describe, expect, it } from '@jest/globals';
import { McpListResolver, type McpContext, type McpListEntry, type McpListName } from 'nestjs-mcp-adapters';
import { Gate } from '../conversations/fixture.js';
import { heardBy, listen, settle, startServer, type Server } from './fixture.js';

const watched = ['test://secret', 'test://open', 'test://nowhere'];
const as = (user: string) => ({ headers: { 'x-user': user } });

const keyOf = (entry: McpListEntry) => {
  if ('uri' in entry) return entry.uri;
  return 'uriTemplate' in entry ? entry.uriTemplate : entry.name;
};

let server: Server;

afterEach(() => server.close());

describe('an update of a resource', () => {
  it('is told to those who may see it', async () => {
    server = await startServer();
    const [ada, bob] = await Promise.all([
      listen(server, { resourceSubscriptions: watched }, as('ada')),
      listen(server, { resourceSubscriptions: watched }, as('bob')),
    ]);
    await server.transport.notifyResourceUpdated('test://secret');
    await server.transport.notifyResourceUpdated('test://nowhere');
    await ada.until(() => ada.messages.length === 2);
    await settle(server, ada, bob);
    expect(heardBy(ada)).toEqual([
      'notifications/resources/updated test://secret',
      'notifications/resources/updated test://open',
    ]);
    expect(heardBy(bob)).toEqual(['notifications/resources/updated test://open']);
    ada.cut();
    bob.cut();
  });

  it('is decided by the list resolver at the time, and one that is slow keeps nobody waiting', async () => {
    const slow = new Gate();
    let banned = '';
    class Resolver extends McpListResolver {
      async resolve(_list: McpListName, entries: readonly McpListEntry[], ctx: McpContext) {
        if (ctx.principal?.subject === 'slow') await slow.opened;
        return ctx.principal?.subject === banned ? [] : entries.map(keyOf);
      }
    }
    server = await startServer({ listResolver: Resolver });
    const waiting = await listen(server, { resourceSubscriptions: watched }, as('slow'));
    const bob = await listen(server, { resourceSubscriptions: watched }, as('bob'));
    await settle(server, bob);
    expect(heardBy(waiting)).toEqual([]);
    banned = 'bob';
    await server.transport.notifyResourceUpdated('test://open');
    slow.open();
    await waiting.until(() => waiting.messages.length === 3);
    expect(heardBy(bob)).toHaveLength(1);
    waiting.cut();
    bob.cut();
  });

  it('is told to nobody for whom that cannot be decided, which is logged', async () => {
    const errors: string[] = [];
    class Resolver extends McpListResolver {
      async resolve(_list: McpListName, entries: readonly McpListEntry[], ctx: McpContext) {
        if (ctx.principal?.subject === 'bob') throw new Error('no idea');
        return entries.map(keyOf);
      }
    }
    const logger = { log() {}, warn() {}, error: (message: string) => void errors.push(message) };
    server = await startServer({ listResolver: Resolver, logger });
    const bob = await listen(server, { resourceSubscriptions: watched }, as('bob'));
    const ada = await listen(server, { resourceSubscriptions: watched }, as('ada'));
    await settle(server, ada);
    expect(heardBy(bob)).toEqual([]);
    expect(errors.join()).toContain('no idea');
    ada.cut();
    bob.cut();
  });
});
