import { afterEach, describe, expect, it } from '@jest/globals';
import { Injectable, type OnModuleInit, type Type } from '@nestjs/common';
import { McpModule, McpRegistry, McpTool, type McpModuleOptions } from 'nestjs-mcp-adapters';
import { startApp, type TestApp } from '../../support/app.js';
import { legacy, modern } from '../../support/http.js';
import { MATRIX, type EraName } from '../../support/ask.js';

@Injectable()
class Tools {
  @McpTool()
  hello() {
    return 'hello';
  }
}

@Injectable()
class EarlyTools implements OnModuleInit {
  constructor(private readonly registry: McpRegistry) {}

  onModuleInit() {
    return this.registry.addPrompt({ name: 'early' }, () => 'early');
  }
}

let app: TestApp;
let warnings: string[];
afterEach(() => app.close());

const registry = () => app.app.get(McpRegistry);

async function declared(era: EraName): Promise<string[]> {
  const params = {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'test', version: '1.0.0' },
  };
  const { json } = await (era === 'legacy'
    ? app.post(legacy('initialize', params))
    : app.post(...modern('server/discover')));
  const { logging: _, ...kinds } = json.result.capabilities;
  return Object.keys(kinds).sort();
}

describe.each(MATRIX)('capabilities on %s, for %s clients', (platform, era) => {
  async function start(mcp: McpModuleOptions, providers: Type[]) {
    warnings = [];
    const logger = { log() {}, error() {}, warn: (message: unknown) => void warnings.push(String(message)) };
    app = await startApp({ platform, imports: [McpModule.forRoot({ logger, ...mcp })], providers });
    warnings = [];
  }

  it('are of what exists at the start, and stay when it is gone', async () => {
    await start({}, [Tools, EarlyTools]);
    expect(await declared(era)).toEqual(['prompts', 'tools']);
    await registry().removeTool('hello');
    await registry().removePrompt('early');
    expect(await declared(era)).toEqual(['prompts', 'tools']);
    await registry().addTool({ name: 'again' }, () => '');
    expect(warnings).toEqual([]);
  });

  it('are of what the option says will come', async () => {
    await start({ capabilities: { tools: {}, resources: true, completions: {}, prompts: false } }, []);
    expect(await declared(era)).toEqual(['completions', 'resources', 'tools']);
    await registry().addTool({ name: 'late' }, () => '');
    await registry().addResource({ uriTemplate: 'test://{id}', name: 'late' }, () => '');
    expect(warnings).toEqual([]);
  });

  it('that were not declared are warned of once when they come', async () => {
    await start({}, [Tools]);
    await registry().addPrompt({ name: 'late' }, () => '');
    await registry().addPrompt({ name: 'later' }, () => '');
    await registry().addResource({ uri: 'test://late', name: 'late' }, () => '');
    await registry().replaceResource({ uri: 'test://late', name: 'late' }, () => '');
    expect(warnings).toEqual([
      expect.stringMatching(/^McpRegistry\.addPrompt: .*prompts.*option capabilities: \{ prompts: \{\} \}/),
      expect.stringMatching(/^McpRegistry\.addResource: .*option capabilities: \{ resources: \{\} \}/),
    ]);
    expect(await declared(era)).toEqual(['prompts', 'resources', 'tools']);
  });
});
