import { describe, expect, it } from '@jest/globals';
import { PLATFORMS } from '../../support/app.js';
import { until } from '../conversations/fixture.js';
import { listen, startServer } from './fixture.js';

/** Long enough to fill the system's buffers of a connection that is not read. */
const URIS = Array.from({ length: 300 }, (_, index) => `test://note/${index}${'x'.repeat(8_000)}`);

describe.each(PLATFORMS)('a subscription whose client stops reading, on %s', (platform) => {
  it('is ended, and keeps nobody else from hearing', async () => {
    const server = await startServer({
      platform,
      keepAliveMs: 3_000,
      limits: { bufferedBytesPerStream: 16_384 },
    });
    const slow = await listen(server, { resourceSubscriptions: URIS });
    slow.pause();
    const reading = await listen(server, { toolsListChanged: true }, { id: 'reading' });
    expect(server.transport.stats().subscriptions).toBe(2);

    await until(async () => {
      for (const uri of URIS) await server.transport.notifyResourceUpdated(uri);
      return server.transport.stats().subscriptions === 1;
    });
    await server.registry.addTool({ name: 'late' }, () => 'late');
    await reading.message(({ method }) => method === 'notifications/tools/list_changed');
    slow.cut();
    reading.cut();
    await server.close();
  }, 180_000);
});
