import { Agent, request, type IncomingMessage, type Server } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { Socket } from 'node:net';
import { legacy } from '../../support/http.js';
import { PLACES, startTransport, type TransportApp } from './fixture.js';

const STREAM = { 'content-type': 'application/json', accept: 'text/event-stream' };

describe.each(PLACES)('a connection that carried a stream, on $title', ({ platform, mount }) => {
  let app: TransportApp;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  afterEach(async () => {
    agent.destroy();
    await app.close();
  });

  function post(body: object, headers: Record<string, string>): Promise<string> {
    return new Promise((resolve, reject) => {
      const sent = request(app.url, { method: 'POST', agent, headers }, (response: IncomingMessage) => {
        let text = '';
        response.on('data', (chunk) => (text += String(chunk))).on('end', () => resolve(text));
      });
      sent.on('error', reject).end(JSON.stringify(body));
    });
  }

  it.each([
    [0, 0],
    [0, 7000],
    [5000, 0],
    [5000, 7000],
  ])('has the time-outs of the server again: keepAliveTimeout %d, timeout %d', async (keepAlive, timeout) => {
    const sockets = new Set<Socket>();
    app = await startTransport(
      platform,
      { mount, keepAliveMs: 30 },
      {
        configure: (nest) => {
          const server = nest.getHttpServer() as Server;
          server.keepAliveTimeout = keepAlive;
          server.timeout = timeout;
          server.on('connection', (socket) => sockets.add(socket));
        },
      },
    );
    await post(legacy('ping'), STREAM);
    const slow = post(legacy('tools/call', { name: 'hold' }), { ...STREAM, accept: 'application/json' });
    const { gate, ctx } = await app.tools.nextHeld();
    const [socket] = sockets;
    expect(sockets.size).toBe(1);
    expect(socket?.timeout ?? 0).toBe(timeout);
    expect(ctx.signal.aborted).toBe(false);
    gate.open();
    expect(await slow).toContain('finished');
    await post(legacy('ping'), STREAM);
    await post(legacy('ping'), { ...STREAM, accept: 'application/json' });
    expect(sockets.size).toBe(1);
  });
});
