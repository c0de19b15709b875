import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { McpModule, McpRegistry } from 'nestjs-mcp-adapters';
import { startApp, type TestApp } from '../../support/app.js';
import { ERAS, resultsIn } from '../../support/ask.js';

describe('the names of tools', () => {
  const names = ['Echo', 'echo', 'a.b-c_1', 'z'.repeat(128)];
  let app: TestApp;
  let registry: McpRegistry;

  beforeAll(async () => {
    app = await startApp({ imports: [McpModule.forRoot()] });
    registry = app.app.get(McpRegistry, { strict: false });
    for (const name of names) await registry.addTool({ name }, () => `I am ${name}`);
  });
  afterAll(() => app.close());

  describe.each(ERAS)('in the %s era', (era) => {
    it('tell upper case from lower case', async () => {
      for (const name of names) {
        const { content } = await resultsIn(app, era)('tools/call', { name });
        expect(content[0].text).toBe(`I am ${name}`);
      }
      await expect(resultsIn(app, era)('tools/call', { name: 'ECHO' })).rejects.toThrow('Unknown tool');
    });

    it('are listed in the same order every time, also after one has come and gone', async () => {
      const list = async () =>
        (await resultsIn(app, era)('tools/list')).tools.map(({ name }: { name: string }) => name);
      const first = await list();
      expect(await list()).toEqual(first);
      await registry.addTool({ name: 'guest' }, () => '');
      expect((await list()).filter((name: string) => name !== 'guest')).toEqual(first);
      await registry.removeTool('guest');
      expect(await list()).toEqual(first);
    });
  });
});
