import { describe, expect, it } from '@jest/globals';
import type { McpContext } from 'nestjs-mcp-adapters';
import { accept, formOf, sampled, type Scripts } from './fixture.js';
import { runs, tools } from './handlers.js';
import { converse, startWorld, WORLDS, type Answerer, type Event } from './worlds.js';

const answers: Answerer = (method, { message, url }) => {
  if (method === 'sampling/createMessage') return sampled('Hello');
  if (method === 'roots/list') return { roots: [{ uri: 'file:///a', name: 'A' }] };
  if (url !== undefined) return { action: 'accept' };
  return accept(message === 'More?' ? { ok: true } : { name: message, what: message, n: 'x', word: message });
};

/** The same call in every world; with what it did besides. */
async function inEveryWorld(
  subject: Parameters<typeof converse>[2],
  answer: Answerer = answers,
  handlers: object = { tools },
): Promise<{ transcripts: Event[][]; did: string[][] }> {
  const transcripts: Event[][] = [];
  const did: string[][] = [];
  for (const world of WORLDS) {
    runs.length = 0;
    const app = await startWorld(world, {
      ...handlers,
      mcp: { logger: { log() {}, warn() {}, error() {} } },
    });
    transcripts.push(await converse(app, world, subject, answer));
    did.push([...runs]);
    await app.close();
  }
  return { transcripts, did };
}

describe('pushed, parked and replayed', () => {
  it.each(Object.keys(tools))('the tool %s gives the same transcript', async (name) => {
    const { transcripts, did } = await inEveryWorld({ params: { name, arguments: {} } });
    const [pushed, parked, replayed] = transcripts;
    expect(pushed!.at(-1)).toEqual({
      [name.endsWith('protocol_error') ? 'error' : 'result']: expect.anything(),
    });
    expect(parked).toEqual(pushed);
    expect(replayed).toEqual(pushed);
    expect(did[1]).toEqual(did[0]);
    expect(did[2]).toEqual(did[0]);
  });

  it.each(['decline', 'cancel'])('a user who says %s is told apart', async (action) => {
    const { transcripts } = await inEveryWorld({ params: { name: 'decides_by_the_answer' } }, () => ({
      action,
    }));
    for (const transcript of transcripts) {
      expect(transcript).toHaveLength(2);
      expect(transcript[1]).toMatchObject({ result: { content: [{ text: `gave up: ${action}` }] } });
    }
  });

  it('the whole of one conversation', async () => {
    const { transcripts } = await inEveryWorld({ params: { name: 'asks_by_turns_and_tells' } });
    const seen = transcripts[2]!.map((event) => ('asked' in event ? (event.params as any).message : event));
    expect(seen.slice(0, -1)).toEqual([
      { progress: 1 },
      { log: 'before', level: 'info' },
      'First?',
      { progress: 2 },
      { log: { made: { at: 1 } }, level: 'debug' },
      'Second?',
      { progress: 3 },
      { log: 'after', level: 'warning' },
    ]);
  });

  const ask = async (ctx: McpContext) => {
    const { content } = await ctx.elicit({ message: 'Name?', schema: formOf('name') });
    await ctx.progress(1);
    const again = await ctx.elicit({ message: 'Again?', schema: formOf('name') });
    return `${(content as any).name} ${again.action}`;
  };

  it('a prompt that asks', async () => {
    const subject = { method: 'prompts/get', params: { name: 'ask' } };
    const { transcripts } = await inEveryWorld(subject, answers, { prompts: { ask } });
    expect(transcripts[0]!.at(-1)).toMatchObject({
      result: { messages: [{ content: { text: 'Name? accept' } }] },
    });
    expect(transcripts[1]).toEqual(transcripts[0]);
    expect(transcripts[2]).toEqual(transcripts[0]);
  });

  it('a resource that asks', async () => {
    const subject = { method: 'resources/read', params: { uri: 'test://ask' } };
    const { transcripts } = await inEveryWorld(subject, answers, { resources: { ask } });
    expect(transcripts[0]!.at(-1)).toMatchObject({ result: { contents: [{ text: 'Name? accept' }] } });
    expect(transcripts[1]).toEqual(transcripts[0]);
    expect(transcripts[2]).toEqual(transcripts[0]);
  });

  it('a handler runs once when it is parked or pushed, and once per round when replayed', async () => {
    const counted: Scripts = {
      async count(ctx) {
        runs.push('run');
        await ctx.elicit({ message: 'One?', schema: formOf('name') });
        await ctx.elicit({ message: 'Two?', schema: formOf('name') });
        return 'done';
      },
    };
    const { transcripts, did } = await inEveryWorld({ params: { name: 'count' } }, answers, {
      tools: counted,
    });
    expect(did.map(({ length }) => length)).toEqual([1, 1, 3]);
    expect(transcripts[2]).toEqual(transcripts[0]);
  });
});
