import { describe, expect, it } from '@jest/globals';
import { assertAnswerable, readAnswers } from '../../../lib/asking/input-responses.js';

const asked = {
  name: { method: 'elicitation/create', question: 'fingerprint' },
  said: { method: 'sampling/createMessage' },
  roots: { method: 'roots/list' },
} as const;

describe('readAnswers', () => {
  it('keeps what was asked for, with the question it belongs to', () => {
    const responses = JSON.parse(
      '{"name":{"action":"cancel"},"roots":{"roots":[]},"other":{},"__proto__":{}}',
    ) as object;
    expect(readAnswers(responses, asked)).toEqual({
      name: { question: 'fingerprint', answer: { action: 'cancel' } },
      roots: { answer: { roots: [] } },
    });
  });

  it('keeps everything where nothing was asked yet', () => {
    expect(readAnswers({ any: { thing: 1 } }, undefined)).toEqual({ any: { answer: { thing: 1 } } });
  });

  it.each([
    [null],
    [[]],
    ['text'],
    [{ other: 1 }],
    [{ name: {} }],
    [{ name: { action: 'yes' } }],
    [{ said: { model: 'm' } }],
    [{ said: { content: {} } }],
    [{ roots: {} }],
  ])('refuses %j', (responses) => {
    expect(() => readAnswers(responses, asked)).toThrow(expect.objectContaining({ code: -32602 }));
  });
});

describe('assertAnswerable', () => {
  const url = { method: 'elicitation/create', params: { mode: 'url' } } as const;
  const form = { method: 'elicitation/create' } as const;
  const sample = { method: 'sampling/createMessage' } as const;
  const withTools = { ...sample, params: { tools: [] } };

  it.each([
    [form, { elicitation: {} }],
    [form, { elicitation: { form: {} } }],
    [url, { elicitation: { url: {} } }],
    [sample, { sampling: {} }],
    [withTools, { sampling: { tools: {} } }],
    [{ method: 'roots/list' } as const, { roots: {} }],
  ])('lets %j pass for %j', (request, client) => {
    expect(() => assertAnswerable(request, client)).not.toThrow();
  });

  it.each([
    [form, {}, { elicitation: {} }],
    [form, { elicitation: { url: {} } }, { elicitation: {} }],
    [url, { elicitation: {} }, { elicitation: { url: {} } }],
    [sample, { elicitation: {} }, { sampling: {} }],
    [withTools, { sampling: {} }, { sampling: { tools: {} } }],
    [{ method: 'roots/list' } as const, {}, { roots: {} }],
  ])('refuses %j for %j', (request, client, requiredCapabilities) => {
    expect(() => assertAnswerable(request, client)).toThrow(
      expect.objectContaining({ code: -32021, data: { requiredCapabilities } }),
    );
  });
});
