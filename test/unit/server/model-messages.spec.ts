import { describe, expect, it } from '@jest/globals';
import { sample, type Respondent } from '../../../lib/asking/asking.js';
import { readAnswers } from '../../../lib/asking/input-responses.js';
import { modernEra } from '../../../lib/protocol/modern.era.js';

const text = { type: 'text', text: 'Hi' };
const asked = { said: { method: 'sampling/createMessage' } } as const;

/** Asks a client that gives an answer. */
function sampled(answer: unknown) {
  const respondent: Respondent = {
    era: modernEra,
    clientCapabilities: { sampling: {} },
    ask: async () => answer,
    resolve: () => Promise.reject(new Error('Not asked')),
    nameQuestion: () => 'said',
  };
  return sample(respondent, { messages: [], maxTokens: 1 });
}

describe('a message of a model', () => {
  it.each([{ content: text }, { content: [text] }])('is one with %j', async ({ content }) => {
    const answer = { role: 'assistant', model: 'm', content };
    expect(await sampled(answer)).toEqual(answer);
    expect(readAnswers({ said: answer }, asked)).toEqual({ said: { answer } });
  });

  it.each([
    { content: null },
    { content: 'Hi' },
    {},
    { content: text, model: null },
    { content: text, model: 1 },
  ])('is none with %j', async (part) => {
    const answer = { role: 'assistant', model: 'm', ...part };
    await expect(sampled(answer)).rejects.toThrow('The client sent no message of its model');
    expect(() => readAnswers({ said: answer }, asked)).toThrow('is no answer to sampling/createMessage');
  });
});
