import { describe, expect, it } from '@jest/globals';
import { McpConfigurationError } from '../../../lib/protocol/configuration.error.js';
import type { SamplingContent, SamplingMessage } from '../../../lib/protocol/types/sampling.js';
import { assertToolTurns } from '../../../lib/asking/tool-turns.js';

const text: SamplingContent = { type: 'text', text: 'Hi' };
const use = (id: string): SamplingContent => ({ type: 'tool_use', id, name: 't', input: {} });
const result = (toolUseId: string): SamplingContent => ({ type: 'tool_result', toolUseId, content: [] });
const user = (...content: SamplingContent[]): SamplingMessage => ({ role: 'user', content });
const model = (...content: SamplingContent[]): SamplingMessage => ({ role: 'assistant', content });

describe('assertToolTurns', () => {
  it.each<[string, SamplingMessage[]]>([
    ['nothing', []],
    ['talk', [user(text), model(text)]],
    ['content that is no list', [{ role: 'user', content: text }]],
    ['a use and its result', [user(text), model(use('1')), { role: 'user', content: result('1') }]],
    [
      'results in another order',
      [model(text, use('1'), use('2')), user(result('2'), result('1')), model(text)],
    ],
    ['one use after another', [model(use('1')), user(result('1')), model(use('2')), user(result('2'))]],
  ])('takes %s', (_, messages) => {
    expect(() => assertToolTurns(messages)).not.toThrow();
  });

  it.each<[string, SamplingMessage[]]>([
    ['a result beside text', [model(use('1')), user(result('1'), text)]],
    ['a result of the model', [model(use('1')), model(result('1'))]],
    ['a result that is missing', [model(use('1'), use('2')), user(result('1'))]],
    ['a result of another use', [model(use('1')), user(result('2'))]],
    ['a result of no use', [user(text), user(result('1'))]],
    ['a result that comes late', [model(use('1')), user(text), user(result('1'))]],
    ['the same result twice', [model(use('1'), use('2')), user(result('1'), result('1'))]],
    ['a use without a result at the end', [user(text), model(use('1'))]],
  ])('refuses %s', (_, messages) => {
    expect(() => assertToolTurns(messages)).toThrow(McpConfigurationError);
  });
});
