import { Injectable, type CanActivate } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { afterEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { StreamableHttpTransport, type McpContext } from 'nestjs-mcp-adapters';
import { PLATFORMS } from '../../support/app.js';
import { legacy, modern } from '../../support/http.js';
import { aborted, Gate, Leaver, startTransport, type Sent, type TransportApp } from './fixture.js';

const ERAS = [
  { era: 'legacy', hold: (meta: object): Sent => [legacy('tools/call', { name: 'hold', _meta: meta }), {}] },
  { era: 'modern', hold: (meta: object): Sent => modern('tools/call', { name: 'hold' }, { meta }) },
];

/** Lets requests wait before they reach the endpoint. */
@Injectable()
class SlowGuard implements CanActivate {
  readonly gate = new Gate();
  readonly reached = new Gate();

  async canActivate(): Promise<boolean> {
    this.reached.open();
    await this.gate.opened;
    return true;
  }
}

function rawResponse({ http }: McpContext): ServerResponse {
  const { response } = http as { response: ServerResponse & { raw?: ServerResponse } };
  return response.raw ?? response;
}

describe.each(PLATFORMS)('cancellation on %s', (platform) => {
  let app: TransportApp;
  afterEach(() => app.close());

  describe.each(ERAS)('$era', ({ hold }) => {
    it('aborts the signal of a handler whose client leaves before anything was sent', async () => {
      app = await startTransport(platform);
      const client = new Leaver(app.url, hold({}));
      const { ctx } = await app.tools.nextHeld();
      expect(ctx.signal.aborted).toBe(false);
      client.leave();
      await aborted(ctx.signal);
      expect(ctx.signal.reason).toMatchObject({ name: 'AbortError' });
      await app.post(legacy('ping'));
      expect(rawResponse(ctx).headersSent).toBe(false);
    });

    it('aborts the signal of a handler whose client leaves the stream, and writes nothing more', async () => {
      app = await startTransport(platform);
      const client = new Leaver(app.url, hold({ progressToken: 1 }));
      const { ctx, gate } = await app.tools.nextHeld();
      await ctx.progress(1);
      expect((await client.response).headers['content-type']).toBe('text/event-stream');
      client.leave();
      await aborted(ctx.signal);
      let writes = 0;
      rawResponse(ctx).write = () => (writes++, true);
      await Promise.all([ctx.progress(2), ctx.log.error('late')]);
      gate.open();
      await app.post(legacy('ping'));
      expect(writes).toBe(0);
    });

    it('does not abort the signal of a call that is answered', async () => {
      app = await startTransport(platform);
      const answer = app.post(...hold({ progressToken: 1 }));
      const { ctx, gate } = await app.tools.nextHeld();
      await ctx.progress(1);
      const closed = once(rawResponse(ctx), 'close');
      gate.open();
      expect((await answer).json.result.content[0].text).toBe('finished');
      await closed;
      expect(ctx.signal.aborted).toBe(false);
    });
  });

  it('aborts every request of a batch whose client leaves', async () => {
    app = await startTransport(platform);
    const batch = [1, 2].map((id) => legacy('tools/call', { name: 'hold' }, id));
    const client = new Leaver(app.url, [batch, {}]);
    const [first, second] = [await app.tools.nextHeld(), await app.tools.nextHeld()];
    client.leave();
    await Promise.all([aborted(first.ctx.signal), aborted(second.ctx.signal)]);
  });

  it('aborts nobody else', async () => {
    app = await startTransport(platform);
    const client = new Leaver(app.url, [legacy('tools/call', { name: 'hold' }, 1), {}]);
    const mine = await app.tools.nextHeld();
    const others = app.post(legacy('tools/call', { name: 'hold' }, 1));
    const theirs = await app.tools.nextHeld();
    client.leave();
    await aborted(mine.ctx.signal);
    expect(theirs.ctx.signal.aborted).toBe(false);
    theirs.gate.open();
    expect((await others).json.result.content[0].text).toBe('finished');
  });

  // Without a route there is none that a guard could keep busy.
  if (platform === 'fetch') return;
  it('does not run a call whose client left while a guard was busy', async () => {
    app = await startTransport(
      platform,
      {},
      {
        providers: [SlowGuard, { provide: APP_GUARD, useExisting: SlowGuard }],
      },
    );
    const guard = app.app.get(SlowGuard);
    const gone = new Promise((resolve) => {
      app.app
        .getHttpServer()
        .once('request', (_: unknown, response: ServerResponse) => response.once('close', resolve));
    });
    const client = new Leaver(app.url, [legacy('tools/call', { name: 'echo' }), {}]);
    await guard.reached.opened;
    client.leave();
    await gone;
    guard.gate.open();
    await app.post(legacy('ping'));
    expect(app.tools.calls).toEqual([]);
  });
});

describe('a body that breaks off', () => {
  it.each([
    ['while it is found out who sends it', true],
    ['while it is read', false],
  ])('%s ends its request, and is nothing to log', async (_name, isEarly) => {
    const arrived = new Gate();
    const known = new Gate();
    const logged: unknown[] = [];
    const app = await startTransport('express', {
      logger: { log() {}, warn() {}, error: (message: unknown) => logged.push(message) },
      principal: async () => {
        arrived.open();
        await known.opened;
        return undefined;
      },
    });
    const transport = app.app.get(StreamableHttpTransport);
    const handled = new Gate();
    const gone = new Gate();
    const server = createServer((request, response) => {
      response.once('close', () => gone.open());
      void transport.handleRequest(request, response).then(() => handled.open());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.write(
      'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
    );
    await arrived.opened;
    if (!isEarly) {
      known.open();
      await new Promise((resolve) => setImmediate(resolve));
    }
    socket.destroy();
    await gone.opened;
    known.open();
    await handled.opened;
    expect(logged).toEqual([]);
    server.close();
    await app.close();
  });
});
