import { join } from 'node:path';
import { Client as ClientV2 } from '@modelcontextprotocol/client';
import { StdioClientTransport as TransportV2 } from '@modelcontextprotocol/client/stdio';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/stdio.js';
import {
  ElicitRequestSchema,
  LoggingMessageNotificationSchema,
  ResourceUpdatedNotificationSchema,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { afterEach, describe, expect, it } from '@jest/globals';
import { until } from '../e2e/sessions/fixture.js';

const root = join(import.meta.dirname, '../..');
const SERVER = {
  command: process.execPath,
  args: [
    '--import',
    join(root, 'test/multi-instance/typescript.mjs'),
    join(root, 'test/stdio/programs/main.ts'),
  ],
  cwd: root,
  stderr: 'pipe' as const,
};
const INFO = { name: 'official-client', version: '1.0.0' };

/** Common interface of the official clients, connected to a noisy server of their own. */
interface Connected {
  readonly version: string | undefined;
  /** Lines that the transport could not read: noise on standard output. */
  readonly errors: Error[];
  readonly updated: string[];
  readonly listChanges: () => number;
  readonly logged: unknown[];
  readonly stderr: () => string;
  readonly pid: number;
  listTools(): Promise<string[]>;
  call(name: string, options?: object): Promise<any>;
  listen(): Promise<void>;
  close(): Promise<void>;
}

let connected: Connected | undefined;
afterEach(async () => {
  await connected?.close();
  connected = undefined;
});

interface Heard {
  readonly errors: Error[];
  readonly updated: string[];
  readonly logged: unknown[];
  listChanges: number;
  stderr: string;
}

const hear = (transport: { stderr: any; onerror?: any }): Heard => {
  const heard: Heard = { errors: [], updated: [], logged: [], listChanges: 0, stderr: '' };
  transport.stderr.on('data', (text: Buffer) => (heard.stderr += String(text)));
  return heard;
};

async function connectV1(): Promise<Connected> {
  const client = new ClientV1(INFO, { capabilities: { elicitation: {} } });
  const transport = new TransportV1(SERVER);
  const heard = hear(transport);
  client.onerror = (error) => heard.errors.push(error);
  client.setRequestHandler(ElicitRequestSchema, async () => ({ action: 'accept', content: { name: 'Ada' } }));
  client.setNotificationHandler(
    ResourceUpdatedNotificationSchema,
    ({ params }) => void heard.updated.push(params.uri),
  );
  client.setNotificationHandler(ToolListChangedNotificationSchema, () => void heard.listChanges++);
  client.setNotificationHandler(
    LoggingMessageNotificationSchema,
    ({ params }) => void heard.logged.push(params.data),
  );
  await client.connect(transport);
  return {
    ...heard,
    version: '2025-11-25',
    listChanges: () => heard.listChanges,
    stderr: () => heard.stderr,
    pid: transport.pid as number,
    listTools: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: (name, options) => client.callTool({ name, arguments: {} }, undefined, options),
    async listen() {
      await client.setLoggingLevel('debug');
      await client.subscribeResource({ uri: 'note://one' });
    },
    close: () => client.close(),
  };
}

async function connectV2(options: object): Promise<Connected> {
  const client = new ClientV2(INFO, { capabilities: { elicitation: {} }, ...options });
  const transport = new TransportV2(SERVER);
  const heard = hear(transport);
  client.onerror = (error) => heard.errors.push(error);
  client.setRequestHandler('elicitation/create', async () => ({
    action: 'accept' as const,
    content: { name: 'Ada' },
  }));
  client.setNotificationHandler(
    'notifications/resources/updated',
    ({ params }) => void heard.updated.push(params.uri),
  );
  client.setNotificationHandler('notifications/tools/list_changed', () => void heard.listChanges++);
  client.setNotificationHandler('notifications/message', ({ params }) => void heard.logged.push(params.data));
  await client.connect(transport);
  const version = client.getNegotiatedProtocolVersion();
  const isModern = version === '2026-07-28';
  return {
    ...heard,
    version,
    listChanges: () => heard.listChanges,
    stderr: () => heard.stderr,
    pid: transport.pid as number,
    listTools: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: (name, callOptions) =>
      client.callTool(
        {
          name,
          arguments: {},
          ...(isModern && { _meta: { 'io.modelcontextprotocol/logLevel': 'debug' } }),
        },
        callOptions,
      ),
    async listen() {
      if (isModern) {
        await client.listen({ toolsListChanged: true, resourceSubscriptions: ['note://one'] });
        return;
      }
      await client.setLoggingLevel('debug');
      await client.subscribeResource({ uri: 'note://one' });
    },
    close: () => client.close(),
  };
}

const CLIENTS: readonly (readonly [string, string, () => Promise<Connected>])[] = [
  ['v1', '2025-11-25', connectV1],
  ['v2 as it comes', '2025-11-25', () => connectV2({})],
  ['v2 automatic', '2026-07-28', () => connectV2({ versionNegotiation: { mode: 'auto' } })],
  ['v2 pinned', '2026-07-28', () => connectV2({ versionNegotiation: { mode: { pin: '2026-07-28' } } })],
  ['v2 offering 2025-06-18', '2025-06-18', () => connectV2({ supportedProtocolVersions: ['2025-06-18'] })],
  ['v2 offering 2025-03-26', '2025-03-26', () => connectV2({ supportedProtocolVersions: ['2025-03-26'] })],
];

describe.each(CLIENTS)('the official client %s with a noisy server', (_, version, connect) => {
  it('lists, calls, follows, answers, cancels, listens, and closes', async () => {
    connected = await connect();
    expect(connected.version).toBe(version);
    expect(await connected.listTools()).toEqual(['ask', 'cancelled', 'change', 'count', 'go', 'hang']);

    await connected.listen();
    const { errors, logged, updated, listChanges, stderr, pid, call } = connected;
    const progress: number[] = [];
    const counting = call('count', { onprogress: (each: any) => void progress.push(each.progress) });
    await until(() => progress.length > 0 && logged.length > 0);
    await call('go');
    expect((await counting).content[0].text).toBe('counted');
    expect(logged).toEqual(['half of it']);
    expect(progress[0]).toBe(1);

    // Forms came with 2025-06-18.
    if (version !== '2025-03-26') expect((await call('ask')).content[0].text).toBe('Hello Ada');

    const abort = new AbortController();
    const hanging = call('hang', { onprogress: () => abort.abort(), signal: abort.signal });
    await expect(hanging).rejects.toThrow();
    await until(async () => (await call('cancelled')).content[0].text === '1');

    expect((await call('change')).content[0].text).toBe('changed');
    await until(() => updated.length > 0 && listChanges() > 0);
    expect(updated).toEqual(['note://one']);
    expect(await connected.listTools()).toContain('late');

    await connected.close();
    await until(() => !isAlive(pid));
    // They miss progress that they read together with the result.
    expect(errors.filter(({ message }) => !message.includes('progress notification'))).toEqual([]);
    const places = ['constructor', 'hook', 'handler', 'shutdown'];
    const ways = ['console.log', 'process.stdout', 'Logger.log', 'ConsoleLogger'];
    for (const place of places) {
      for (const way of ways) expect(stderr()).toMatch(new RegExp(`${way} of (a|the) ${place}`));
    }
  }, 60_000);
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
