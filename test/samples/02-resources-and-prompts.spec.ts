import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { START_TIMEOUT_MS, startSample, type RunningProgram } from './support.js';

let sample: RunningProgram;

beforeAll(async () => {
  sample = await startSample('02-resources-and-prompts');
}, START_TIMEOUT_MS);

afterAll(() => sample.stop());

describe.each(['legacy', 'auto'] as const)('sample 02-resources-and-prompts, negotiation %s', (mode) => {
  let client: Client;
  const textOf = async (uri: string) => ((await client.readResource({ uri })).contents[0] as any).text;

  beforeAll(async () => {
    client = new Client({ name: 'test', version: '1.0.0' }, { versionNegotiation: { mode } });
    await client.connect(new StreamableHTTPClientTransport(new URL(sample.url)));
  });

  afterAll(() => client.close());

  it('has resources, a template and prompts, and no tools', async () => {
    // Without sessions there is nowhere to keep the log level of a legacy client.
    const logging = mode === 'legacy' ? [] : ['logging'];
    const capabilities = ['completions', ...logging, 'prompts', 'resources'];
    expect(Object.keys(client.getServerCapabilities() ?? {}).toSorted()).toEqual(capabilities);
    const { resources } = await client.listResources();
    expect(resources.map(({ uri }) => uri)).toEqual(['recipes://book', 'recipes://cover', 'recipes://index']);
    const { resourceTemplates } = await client.listResourceTemplates();
    expect(resourceTemplates.map(({ name }) => name)).toEqual(['recipe']);
    const { prompts } = await client.listPrompts();
    expect(prompts.map(({ name }) => name)).toEqual(['cook', 'plan_menu']);
  });

  it('reads JSON, bytes and several contents', async () => {
    expect(JSON.parse(await textOf('recipes://index'))).toHaveLength(4);
    const [cover] = (await client.readResource({ uri: 'recipes://cover' })).contents;
    expect(cover).toMatchObject({ mimeType: 'image/png', blob: expect.stringMatching(/^iVBOR/) });
    const book = (await client.readResource({ uri: 'recipes://book' })).contents;
    expect(book.map(({ uri }) => uri)).toContain('recipes://recipe/omelette');
  });

  it('reads a recipe for so many servings', async () => {
    expect(await textOf('recipes://recipe/omelette?servings=4')).toContain('For 4:\n- 600 g egg');
    expect(await textOf('recipes://recipe/omelette')).toContain('For 2:\n- 300 g egg');
    await expect(textOf('recipes://recipe/pizza')).rejects.toThrow('Resource not found');
    await expect(textOf('recipes://recipe/trout?servings=100')).rejects.toThrow(
      'servings: servings must not be greater than 20',
    );
  });

  it('fills in prompts', async () => {
    const menu = await client.getPrompt({ name: 'plan_menu', arguments: { days: '2', diet: 'vegan' } });
    expect(menu.messages[0]?.content).toMatchObject({
      text: 'Plan dinners for 2 days from these recipes: Lentil soup.',
    });
    const cook = await client.getPrompt({ name: 'cook', arguments: { id: 'trout' } });
    expect(cook.messages.map(({ role, content }) => `${role} ${content.type}`)).toEqual([
      'user resource',
      'user text',
      'assistant text',
    ]);
    await expect(client.getPrompt({ name: 'plan_menu', arguments: { days: '9' } })).rejects.toThrow(
      'days: days must not',
    );
    await expect(client.getPrompt({ name: 'cook', arguments: { id: 'pizza' } })).rejects.toThrow(
      'There is no recipe "pizza"',
    );
  });

  it('completes arguments, by those given so far', async () => {
    const complete = async (ref: object, name: string, value: string, given?: Record<string, string>) => {
      const context = given && { context: { arguments: given } };
      return (await client.complete({ ref, argument: { name, value }, ...context } as any)).completion.values;
    };
    const template = { type: 'ref/resource', uri: 'recipes://recipe/{id}{?servings}' };
    expect(await complete(template, 'id', 'o')).toEqual(['lentil-soup', 'omelette', 'onion-tart', 'trout']);
    const cook = { type: 'ref/prompt', name: 'cook' };
    expect(await complete(cook, 'id', 'o', { diet: 'vegan' })).toEqual(['lentil-soup']);
    expect(await complete({ type: 'ref/prompt', name: 'plan_menu' }, 'diet', 'vega')).toEqual(['vegan']);
  });
});
