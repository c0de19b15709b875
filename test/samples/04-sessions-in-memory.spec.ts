import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { CallToolResultSchema, ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { START_TIMEOUT_MS, startSample, type RunningProgram } from './support.js';

let sample: RunningProgram;

beforeAll(async () => {
  sample = await startSample('04-sessions-in-memory');
}, START_TIMEOUT_MS);

afterAll(() => sample?.stop());

/** Connects a client whose user answers as told, in a session of its own or one that is there. */
async function connect(existing: 'replace' | 'keep' | undefined, sessionId?: string) {
  const client = new Client({ name: 'test', version: '1.0.0' }, { capabilities: { elicitation: {} } });
  const asked: string[] = [];
  client.setRequestHandler(ElicitRequestSchema, async ({ params }) => {
    asked.push(params.message);
    return existing ? { action: 'accept', content: { existing } } : { action: 'decline' };
  });
  const transport = new StreamableHTTPClientTransport(new URL(sample.url), sessionId ? { sessionId } : {});
  await client.connect(transport);
  return { client, transport, asked };
}

const people = (...names: string[]) =>
  names.map((name) => ({ name, email: `${name.toLowerCase()}@example.com` }));

describe('sample 04-sessions-in-memory', () => {
  it('offers three tools', async () => {
    const { client } = await connect('keep');
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name).sort()).toEqual([
      'import_contacts',
      'import_count',
      'list_contacts',
    ]);
    await client.close();
  });

  it('reports progress and asks once in the middle', async () => {
    const { client, asked } = await connect('keep');
    const steps: (string | undefined)[] = [];
    const contacts = people('Grace', 'Ada', 'Alan', 'Edsger');
    const result = await client.callTool(
      { name: 'import_contacts', arguments: { contacts, delayMs: 1 } },
      undefined,
      { onprogress: ({ message }) => void steps.push(message) },
    );
    expect(asked).toHaveLength(1);
    expect(asked[0]).toContain('ada@example.com is in the address book already');
    expect(steps).toEqual(contacts.map(({ email }) => email));
    expect(result.structuredContent).toEqual({ imported: 2, kept: ['ada@example.com', 'alan@example.com'] });
    const count = await client.callTool({ name: 'import_count', arguments: {} });
    expect(count.content).toEqual([{ type: 'text', text: '2 contacts' }]);
    await client.close();
  });

  it('goes on without its client, who comes back for the rest', async () => {
    const first = await connect('replace');
    const contacts = people('Barbara', 'Donald', 'Ada', 'Tony');
    const request = {
      method: 'tools/call' as const,
      params: { name: 'import_contacts', arguments: { contacts, delayMs: 100 } },
    };
    const token = await new Promise<string>((resolve) => {
      const call = first.client.request(request, CallToolResultSchema, {
        onprogress: () => {},
        onresumptiontoken: resolve,
      });
      call.catch(() => {});
    });
    const sessionId = first.transport.sessionId as string;
    await first.client.close();

    const second = await connect('replace', sessionId);
    const result = await second.client.request(request, CallToolResultSchema, { resumptionToken: token });
    expect(second.asked).toHaveLength(1);
    expect(result.structuredContent).toEqual({ imported: 4, kept: [] });
    await second.transport.terminateSession();
    await second.client.close();
  });
});
