import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import {
  InMemoryClientRequestAdapter,
  InMemorySessionAdapter,
  McpModule,
  McpResource,
} from 'nestjs-mcp-adapters';
import { chromium, type Browser, type Page } from 'playwright-core';
import { Gate, toolsOf } from '../e2e/sessions/fixture.js';
import { startApp, type TestApp } from '../support/app.js';
import { provideChromium } from '../support/chromium.js';
import { installIn } from '../support/install.js';
import { freePort } from '../support/redis.js';

/** How long a page may take for one step. */
const STEP_MS = 30_000;
const screenshots = join(import.meta.dirname, 'screenshots');

@Injectable()
class Notes {
  @McpResource({ uri: 'note://one', name: 'first-note', mimeType: 'text/plain' })
  note() {
    return 'a note to be read';
  }
}

let app: TestApp;
let browser: Browser;
let gate: Gate;
let inspector: { readonly url: string; stop(): Promise<void> } | undefined;

beforeAll(async () => {
  await installIn(import.meta.dirname);
  await mkdir(screenshots, { recursive: true });
  const tools = toolsOf({
    count: async (ctx) => {
      await ctx.progress(1, 2, 'one');
      await gate.opened;
      await ctx.progress(2, 2, 'two');
      return 'counted to two';
    },
    ask: async (ctx) => {
      const schema = {
        type: 'object',
        properties: { name: { type: 'string' } },
        required: ['name'],
      } as const;
      const answer = await ctx.elicit({ message: 'Who are you?', schema });
      return answer.action === 'accept' ? `Hello ${String(answer.content['name'])}` : answer.action;
    },
  });
  app = await startApp({
    imports: [
      McpModule.forRoot({
        sessionAdapter: new InMemorySessionAdapter(),
        clientRequestAdapter: new InMemoryClientRequestAdapter(),
      }),
    ],
    providers: [tools, Notes],
    nest: { cors: true },
  });
  browser = await chromium.launch({ executablePath: provideChromium(), args: ['--no-sandbox'] });
}, 240_000);

afterEach(() => inspector?.stop());
afterAll(async () => {
  await browser?.close();
  await app?.close();
});

/** Starts it on given ports, as it cannot choose free ones; on others if these were taken meanwhile. */
async function startInspector(era: 'auto' | 'legacy') {
  for (let attempt = 1; ; attempt++) {
    try {
      return await tryToStart(era);
    } catch (error) {
      if (attempt === 3) throw error;
    }
  }
}

/** Starts it as `npm run inspect` does; resolves with the address that it prints. */
async function tryToStart(era: 'auto' | 'legacy') {
  const [port, sandboxPort] = [await freePort(), await freePort()];
  const { NODE_OPTIONS: _, ...env } = process.env;
  const child = spawn(process.execPath, ['start.mjs', app.url, era], {
    cwd: import.meta.dirname,
    env: {
      ...env,
      CLIENT_PORT: String(port),
      MCP_SANDBOX_PORT: String(sandboxPort),
      MCP_AUTO_OPEN_ENABLED: 'false',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  let output = '';
  const url = await new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      const printed = /http:\/\/127\.0\.0\.1:\d+\S*API_TOKEN=\w+(?=\s)/.exec(output);
      if (printed) resolve(printed[0]);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', () => reject(new Error(`The Inspector has ended:\n${output}`)));
  });
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  return { url, stop };
}

const CASES = [
  ['auto', '2026-07-28'],
  ['legacy', '2025-11-25'],
] as const;

describe.each(CASES)('the Inspector, in its mode %s', (era, version) => {
  it(`connects with ${version}, calls a tool with progress, answers a question and reads a resource`, async () => {
    gate = new Gate();
    inspector = await startInspector(era);
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    page.setDefaultTimeout(STEP_MS);
    try {
      await page.goto(inspector.url);
      await expectAccessFromPage(page);
      await page.getByRole('switch', { name: /Connect or disconnect/ }).click({ force: true });
      await page.getByText(`MCP ${version}`).waitFor();

      await page.getByText('Tools', { exact: true }).click();
      await page.getByRole('button', { name: 'count', exact: true }).click();
      await page.getByRole('button', { name: 'Execute Tool' }).click();
      await page.getByText('Tool progress').waitFor();
      gate.open();
      await page.getByText('counted to two').first().waitFor();

      await page.getByRole('button', { name: 'ask', exact: true }).click();
      await page.getByRole('button', { name: 'Execute Tool' }).click();
      const form = page.getByRole('dialog', { name: 'Elicitation Request' });
      await form.getByText('Who are you?').waitFor();
      await form.getByRole('textbox', { name: 'name' }).fill('Ada');
      await page.screenshot({ path: join(screenshots, `${version}-question.png`) });
      await form.getByRole('button', { name: 'Submit' }).click();
      await page.getByText('Hello Ada').first().waitFor();

      await page.getByText('Resources', { exact: true }).click();
      await page.getByText('first-note').first().click();
      await page.getByText('a note to be read').first().waitFor();
      await page.screenshot({ path: join(screenshots, `${version}.png`) });
    } catch (error) {
      await page.screenshot({ path: join(screenshots, `${version}-failed.png`) });
      await writeFile(join(screenshots, `${version}-failed.txt`), await page.locator('body').ariaSnapshot());
      throw error;
    } finally {
      await page.close();
    }
  }, 180_000);
});

/** The Inspector connects from its own process. What a client inside the page may do is tried here. */
async function expectAccessFromPage(page: Page): Promise<void> {
  const seen = await page.evaluate(async (url) => {
    const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
    const send = (body: object, more = {}) =>
      fetch(url, { method: 'POST', headers: { ...headers, ...more }, body: JSON.stringify(body) });
    const clientInfo = { name: 'page', version: '1.0.0' };
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo };
    const opened = await send({ jsonrpc: '2.0', id: 1, method: 'initialize', params });
    const session = { 'mcp-session-id': opened.headers.get('mcp-session-id') ?? '' };
    const listed = await send({ jsonrpc: '2.0', id: 2, method: 'tools/list' }, session);
    const { result } = (await listed.json()) as { result: { tools: unknown[] } };
    const ended = await fetch(url, { method: 'DELETE', headers: session });
    return { tools: result.tools.length, ended: ended.status };
  }, app.url);
  expect(seen).toEqual({ tools: 2, ended: 204 });
}
