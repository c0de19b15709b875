import { setImmediate } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { McpTool, type McpContext } from 'nestjs-mcp-adapters';
import { PLATFORMS } from '../../support/app.js';
import { legacy, modern } from '../../support/http.js';
import { SseReader, type SseEvent } from '../../support/sse.js';
import { Gate, Leaver, startTransport, type TransportApp } from './fixture.js';

const KIB = 1024;
const MIB = 1024 * KIB;
const MESSAGES = 400;

@Injectable()
class TalkativeTools {
  sent = 0;
  readonly stopped = new Gate();

  @McpTool({ name: 'large' })
  async large(_: unknown, ctx: McpContext) {
    await ctx.progress(1);
    return 'x'.repeat(6 * MIB);
  }

  /** Heeds its reader. */
  @McpTool({ name: 'patient' })
  async patient(_: unknown, ctx: McpContext) {
    for (this.sent = 0; this.sent < MESSAGES; this.sent++) {
      await ctx.progress(this.sent + 1, MESSAGES, 'x'.repeat(64 * KIB));
    }
    return 'done';
  }

  /** Sends much at once. */
  @McpTool({ name: 'burst', input: { type: 'object' } })
  async burst({ awaits }: { awaits?: boolean }, ctx: McpContext) {
    for (let step = 1; step <= 1700; step++) {
      const said = ctx.progress(step, undefined, 'x'.repeat(600));
      if (awaits) await said;
    }
    return 'done';
  }

  /** Heeds no reader. */
  @McpTool({ name: 'careless' })
  async careless(_: unknown, ctx: McpContext) {
    for (this.sent = 0; !ctx.signal.aborted; this.sent++) {
      void ctx.progress(this.sent + 1, undefined, 'x'.repeat(64 * KIB));
      await setImmediate();
    }
    this.stopped.open();
  }
}

describe.each(PLATFORMS)('streams on %s', (platform) => {
  let app: TransportApp;
  beforeEach(async () => {
    app = await startTransport(platform, {}, { providers: [TalkativeTools], wire: false });
  });
  afterEach(() => app.close());

  const call = (name: string) => legacy('tools/call', { name, _meta: { progressToken: 1 } }, 1);

  it('delivers a result that is larger than what may wait for a slow reader', async () => {
    const answer = await app.post(call('large'));
    expect(answer.messages).toHaveLength(2);
    expect(answer.json.result.content[0].text).toHaveLength(6 * MIB);
  });

  it('keeps a quiet stream open with comments', async () => {
    const quick = await startTransport(platform, { keepAliveMs: 20 });
    const call = legacy('tools/call', { name: 'hold' }, 1);
    const client = new Leaver(quick.url, [call, { accept: 'text/event-stream' }]);
    const { gate } = await quick.tools.nextHeld();
    const reader = new SseReader();
    const events: SseEvent[] = [];
    for await (const chunk of await client.response) {
      events.push(...reader.push(String(chunk)));
      if (reader.comments.length >= 3) gate.open();
    }
    expect(events).toHaveLength(1);
    expect(JSON.parse(events[0]!.data).result.content[0].text).toBe('finished');
    await quick.close();
  });

  it('gives up a reader that takes nothing while more and more is sent, and keeps little for it', async () => {
    const warnings: Error[] = [];
    const warn = (warning: Error) => warnings.push(warning);
    process.on('warning', warn);
    const hasty = await startTransport(
      platform,
      { keepAliveMs: 100 },
      { providers: [TalkativeTools], wire: false },
    );
    const client = new Leaver(hasty.url, [call('careless'), {}]);
    const response = await client.response;
    response.pause();
    await hasty.app.get(TalkativeTools).stopped.opened;
    client.leave();
    process.off('warning', warn);
    expect(warnings).toEqual([]);
    await hasty.close();
  });

  it.each([
    ['waiting for each', true],
    ['waiting for none', false],
  ])('is heard by a reader however fast the handler is: %s', async (_how, awaits) => {
    for (const revision of ['2025-11-25', '2026-07-28']) {
      const [body, headers] =
        revision === '2026-07-28'
          ? modern('tools/call', { name: 'burst', arguments: { awaits } }, { meta: { progressToken: 1 } })
          : [legacy('tools/call', { name: 'burst', arguments: { awaits }, _meta: { progressToken: 1 } }), {}];
      const answer = await app.post(body, headers);
      expect(answer.messages).toHaveLength(1701);
      expect(answer.json.result.content[0].text).toBe('done');
    }
  });

  it('answers although there was no room for all that was said', async () => {
    const narrow = await startTransport(
      platform,
      { limits: { bufferedBytesPerStream: 10_000 } },
      { providers: [TalkativeTools], wire: false },
    );
    const answer = await narrow.post(
      legacy('tools/call', { name: 'burst', arguments: {}, _meta: { progressToken: 1 } }),
    );
    expect(answer.messages.length).toBeLessThan(1701);
    expect(answer.json.result.content[0].text).toBe('done');
    await narrow.close();
  });

  it('lets a handler wait for its reader, and loses nothing', async () => {
    const patient = await startTransport(platform, {}, { providers: [TalkativeTools], wire: false });
    const { app: nest } = patient;
    const sent = () => nest.get(TalkativeTools).sent;
    const client = new Leaver(patient.url, [call('patient'), {}]);
    const response = await client.response;
    response.pause();
    for (let seen = -1, same = 0; same < 10; seen = sent()) {
      await patient.post(legacy('ping'));
      same = seen === sent() ? same + 1 : 0;
    }
    expect(sent()).toBeLessThan(MESSAGES);

    const reader = new SseReader();
    const messages: any[] = [];
    for await (const chunk of response) {
      for (const { data } of reader.push(String(chunk))) messages.push(JSON.parse(data));
    }
    const steps = messages.slice(0, -1).map(({ params }) => params.progress);
    expect(steps).toEqual(Array.from({ length: MESSAGES }, (_, step) => step + 1));
    expect(messages.at(-1).result.content[0].text).toBe('done');
    await patient.close();
  });
});
