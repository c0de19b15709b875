import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import {
  InMemoryClientRequestAdapter,
  InMemorySessionAdapter,
  McpModule,
  McpTool,
  MemoryStore,
  type McpContext,
  type McpModuleOptions,
} from 'nestjs-mcp-adapters';
import { redisStore } from 'nestjs-mcp-adapters/redis';
import { PLATFORMS, startApp, type TestApp } from '../../support/app.js';
import { startRedis, type RedisServer } from '../../support/redis.js';
import { accept, textOf } from '../conversations/fixture.js';
import { askedIn, ModernClient } from '../../support/modern-client.js';
import { SessionClient } from '../../support/session-client.js';

/** Parts that stay as they are, wherever the state of the server is kept. */
@Injectable()
class WeatherTools {
  @McpTool({ name: 'get_weather', description: 'Weather for a city', input: { type: 'object' } })
  async getWeather({ city }: { city?: string }, ctx: McpContext) {
    await ctx.progress(1, 2);
    const { action } = await ctx.elicit({
      message: `Use paid data for ${city}?`,
      schema: { type: 'object' },
    });
    return action === 'accept' ? `${city}: 21.4 °C` : `${city}: warm`;
  }
}

let redis: RedisServer;
const apps: TestApp[] = [];

beforeAll(async () => void (redis = await startRedis()));
afterAll(() => redis.dispose());
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
});

/** The steps a server takes as it grows: what `forRoot()` is given, and how many instances serve. */
const STEPS: readonly [name: string, instances: number, options: () => McpModuleOptions][] = [
  ['no adapter', 1, () => ({})],
  [
    'adapters in memory',
    1,
    () => ({
      sessionAdapter: new InMemorySessionAdapter(),
      clientRequestAdapter: new InMemoryClientRequestAdapter(),
    }),
  ],
  ['a store in memory', 1, () => ({ store: new MemoryStore() })],
  [
    'a store in Redis',
    2,
    () => ({
      store: redisStore({ url: redis.url }),
      serverInfo: { name: 'weather', version: '1.0.0' },
      requestStateSecret: 'the same on every instance of this server',
    }),
  ],
];

describe.each(STEPS)('with %s', (step, instances, options) => {
  describe.each(PLATFORMS)('on %s', (platform) => {
    async function start(): Promise<[TestApp, TestApp]> {
      for (let count = 0; count < instances; count++) {
        const imports = [McpModule.forRoot(options())];
        apps.push(await startApp({ platform, imports, providers: [WeatherTools] }));
      }
      return [apps[0]!, apps.at(-1)!];
    }

    it('a client of 2026-07-28 is asked', async () => {
      const [first, last] = await start();
      const client = ModernClient.tool(
        first,
        'get_weather',
        { city: 'Lisbon' },
        { capabilities: { elicitation: {} } },
      );
      const asked = await client.send();
      const answers = Object.fromEntries(Object.keys(askedIn(asked)).map((key) => [key, accept({})]));
      const answered = await client.with({ url: last.url }).answer(asked, answers);
      expect(textOf(answered.json)).toBe('Lisbon: 21.4 °C');
    });

    if (step === 'no adapter') {
      it('an older client gets no session', async () => {
        const [{ url }] = await start();
        await expect(SessionClient.open({ url })).rejects.toThrow('No session: 200');
      });
      return;
    }

    it('an older client has a session, and is asked in its stream', async () => {
      const [first, last] = await start();
      const session = await SessionClient.open(first, { capabilities: { elicitation: {} } });
      const call = session.begin('get_weather', { city: 'Lisbon' }, { progressToken: 1 });
      const question = await call.message(({ method }) => method === 'elicitation/create');
      await session.with({ url: last.url }).answer(question, { action: 'decline' });
      const { result } = await call.message(({ result: found }) => found !== undefined);
      expect(result.content[0].text).toBe('Lisbon: warm');
    });
  });
});
