import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ConsoleLogger, Logger, type LoggerService, type LogLevel } from '@nestjs/common';
import { createMcpTestClient, textOf } from 'nestjs-mcp-adapters/testing';
import { PLATFORMS, type Platform } from '../../support/app.js';
import { createApp } from '../testing/fixture.js';

interface Line {
  readonly level: LogLevel;
  readonly context: string;
  readonly message: string;
  readonly stack?: string;
}

const written: { readonly stream: 'stdout' | 'stderr'; readonly text: string }[] = [];

beforeEach(() => {
  written.length = 0;
  for (const stream of ['stdout', 'stderr'] as const) {
    jest.spyOn(process[stream], 'write').mockImplementation((text) => {
      written.push({ stream, text: String(text) });
      return true;
    });
  }
});

afterEach(() => {
  jest.restoreAllMocks();
  Logger.overrideLogger(false);
});

/** Calls a tool that fails and one with wrong arguments; gives what the client was told of the failure. */
async function callBadly(logger: LoggerService | false, platform: Platform = 'express'): Promise<string> {
  const app = await createApp(platform);
  app.useLogger(logger);
  const client = await createMcpTestClient(app);
  const text = textOf(await client.callTool('fail'));
  expect(await client.callTool('add', { a: 'one' })).toMatchObject({ isError: true });
  await client.close();
  await app.close();
  return text;
}

function lines(): Line[] {
  return written
    .flatMap(({ text }) => text.split('\n'))
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
}

describe('what the library logs', () => {
  it.each(PLATFORMS)(
    'goes to the logger of Nest alone: without one nothing is written, on %s',
    async (platform) => {
      await callBadly(false, platform);
      expect(written).toEqual([]);
    },
  );

  it('is one JSON object a line, with the reference that the client was told', async () => {
    const told = await callBadly(new ConsoleLogger({ json: true }));
    const reference = /reference ([0-9a-f-]{36})/.exec(told)?.[1];
    const failures = lines().filter(({ context, level }) => context === 'McpModule' && level === 'error');
    expect(failures).toEqual([
      expect.objectContaining({
        message: `Tool fail failed (reference ${reference}): Error: for a secret reason`,
        stack: expect.stringContaining('fixture.ts'),
      }),
    ]);
  });

  it('obeys the log levels of Nest', async () => {
    await callBadly(new ConsoleLogger({ json: true, logLevels: ['fatal'] }));
    expect(lines()).toEqual([]);
    await callBadly(new ConsoleLogger({ json: true, logLevels: ['error'] }));
    expect(new Set(lines().map(({ level }) => level))).toEqual(new Set(['error']));
    await callBadly(new ConsoleLogger({ json: true, logLevels: ['debug'] }));
    expect(lines()).toContainEqual(
      expect.objectContaining({
        level: 'debug',
        context: 'McpModule',
        message: expect.stringContaining('Tool add was called with invalid arguments'),
      }),
    );
  });
});
