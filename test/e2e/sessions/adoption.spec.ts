import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestApp } from '../../support/app.js';
import { SessionClient } from '../../support/session-client.js';
import { startSessions, textOf } from './fixture.js';

const STALE = 'a-session-of-yesterday';

describe('an unknown session of an authenticated caller, adopted', () => {
  let app: TestApp;
  const as = (user: string) => ({ 'x-user': user, accept: 'application/json, text/event-stream' });
  const stale = (user: string) => new SessionClient(app.url, STALE, { ...as(user), 'mcp-session-id': STALE });

  beforeAll(async () => {
    app = await startSessions({
      mcp: {
        onUnknownSession: 'adopt',
        principal: ({ headers }: any) => (headers['x-user'] ? { subject: headers['x-user'] } : undefined),
      },
      tools: {
        who: (ctx) => String(ctx.principal?.subject),
        state: async (ctx) => String(await ctx.session.get('secret')),
        keep: (ctx) => ctx.session.set('secret', 'of alice').then(() => 'kept'),
      },
    });
  });
  afterAll(() => app.close());

  it('is served as if there were no sessions', async () => {
    expect(textOf((await stale('alice').call('who')).json)).toBe('alice');
    expect((await stale('alice').notify('notifications/initialized')).status).toBe(202);
  });

  it('has no state', async () => {
    const { result } = (await stale('alice').call('state')).json;
    expect(result.isError).toBe(true);
  });

  it('is served without the state of the one it belongs to', async () => {
    const alice = await SessionClient.open(app, { headers: as('alice') });
    await alice.call('keep');
    const bob = alice.with({ headers: as('bob') });
    expect(textOf((await bob.call('who')).json)).toBe('bob');
    expect((await bob.call('state')).json.result.isError).toBe(true);
    expect(textOf((await alice.call('state')).json)).toBe('of alice');
  });

  it('has no stream and no end', async () => {
    expect((await stale('alice').get()).status).toBe(404);
    expect((await stale('alice').delete()).status).toBe(404);
  });

  it('waits for no answer', async () => {
    expect((await stale('alice').answer({ id: 1 }, {})).status).toBe(400);
  });

  it('is not found for a caller who is nobody', async () => {
    const nobody = new SessionClient(app.url, STALE, { 'mcp-session-id': STALE });
    expect((await nobody.call('who')).status).toBe(404);
  });

  it('is still asked for where it is missing', async () => {
    expect((await new SessionClient(app.url, '', as('alice')).call('who')).status).toBe(400);
  });
});
