import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { expect, it } from '@jest/globals';
import { root, START_TIMEOUT_MS } from './support.js';

it(
  'sample 01-quick-start is served over standard input and output',
  async () => {
    const client = new Client(
      { name: 'test', version: '1.0.0' },
      { versionNegotiation: { mode: 'auto', probe: { timeoutMs: START_TIMEOUT_MS } } },
    );
    const errors: Error[] = [];
    client.onerror = (error) => errors.push(error);
    const args = ['sample/start.mjs', '01', '--stdio'];
    await client.connect(
      new StdioClientTransport({ command: process.execPath, args, cwd: root, stderr: 'ignore' }),
      { timeout: START_TIMEOUT_MS },
    );
    expect(client.getNegotiatedProtocolVersion()).toBe('2026-07-28');
    expect((await client.listTools()).tools).toHaveLength(1);
    const answer: any = await client.callTool({ name: 'time_in', arguments: { zone: 'Europe/Lisbon' } });
    expect(answer.content[0].text).toMatch(/^\d\d\/\d\d\/\d{4}, /);
    await client.close();
    expect(errors).toEqual([]);
  },
  START_TIMEOUT_MS + 30_000,
);
