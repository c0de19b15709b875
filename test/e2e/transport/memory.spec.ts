import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PLATFORMS } from '../../support/app.js';
import { legacy } from '../../support/http.js';
import { aborted, Leaver, startTransport, type TransportApp } from './fixture.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const CALLS = 50;

describe.each(PLATFORMS)('memory on %s', (platform) => {
  let app: TransportApp;
  beforeAll(async () => {
    app = await startTransport(platform, {}, { wire: false });
  });
  afterAll(() => app.close());

  /** A call that its client leaves; what is left of it on the server afterwards must be nothing. */
  async function leave(streams: boolean): Promise<WeakRef<object>[]> {
    const call = legacy('tools/call', { name: 'hold', ...(streams && { _meta: { progressToken: 1 } }) });
    const client = new Leaver(app.url, [call, {}]);
    const { ctx } = await app.tools.nextHeld();
    if (streams) {
      await ctx.progress(1);
      await client.response;
    }
    client.leave();
    await aborted(ctx.signal);
    return [new WeakRef(ctx), new WeakRef(ctx.signal), new WeakRef(ctx.http!.request as object)];
  }

  it.each([
    ['before anything was sent', false],
    ['the stream', true],
  ])('keeps nothing of calls whose client left %s', async (_, streams) => {
    const left: WeakRef<object>[] = [];
    for (let call = 0; call < CALLS; call++) left.push(...(await leave(streams)));
    // Node keeps the objects of the last request of a connection; a later one replaces them.
    for (let more = 0; more < 3; more++) await app.post(legacy('ping'));

    const alive = () => left.filter((ref) => ref.deref() !== undefined).length;
    for (let round = 0; round < 50 && alive() > 0; round++) {
      await new Promise((resolve) => setImmediate(resolve));
      collect();
    }
    expect(alive()).toBe(0);
  });
});
