import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InMemoryClientRequestAdapter } from 'nestjs-mcp-adapters';
import { accept, formOf, startScripted, textOf } from './fixture.js';
import { ModernClient, stateOf } from '../../support/modern-client.js';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

it.each([
  ['parked', () => ({ clientRequestAdapter: new InMemoryClientRequestAdapter() })],
  ['replayed', () => ({})],
])('a state that was changed anywhere is refused and nothing runs, %s', async (_, adapters) => {
  let runs = 0;
  const app = await startScripted({
    tools: {
      async ask(ctx) {
        runs++;
        const { content } = await ctx.elicit({ message: 'Name?', schema: formOf('name'), key: 'name' });
        return JSON.stringify(content);
      },
    },
    mcp: adapters(),
  });
  const client = ModernClient.tool(app, 'ask');
  const state = stateOf(await client.send());
  runs = 0;
  const inputResponses = { name: accept({ name: 'Ada' }) };
  const refuse = async (tampered: string) => {
    const { json } = await client.send({ requestState: tampered, inputResponses });
    expect(json.error?.code).toBe(-32602);
    expect(runs).toBe(0);
  };

  const at = fc.nat(state.length - 1);
  const tampering = fc.oneof(
    fc
      .record({ at, character: fc.constantFrom(...ALPHABET) })
      .map(
        ({ at: i, character }) =>
          state.slice(0, i) + (state[i] === character ? '' : character) + state.slice(i + 1),
      ),
    fc
      .record({ at, added: fc.string({ minLength: 1, maxLength: 3 }) })
      .map(({ at: i, added }) => state.slice(0, i) + added + state.slice(i)),
    at.map((i) => state.slice(0, i)),
    at.map((i) => state.slice(i + 1)),
    fc.constantFrom(
      `${state}=`,
      `${state} `,
      ` ${state}`,
      `${state}-TAMPERED`,
      state + state,
      state.toLowerCase(),
    ),
  );
  await fc.assert(fc.asyncProperty(tampering, refuse), { numRuns: 150 });

  const { json } = await client.send({ requestState: state, inputResponses });
  expect(textOf(json)).toBe('{"name":"Ada"}');
  await app.close();
});
