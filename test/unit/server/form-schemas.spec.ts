import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { McpConfigurationError } from '../../../lib/index.js';
import { FormSchemas } from '../../../lib/asking/form-schemas.js';

const form = (title: string) => ({ type: 'object', properties: { ok: { type: 'boolean', title } } });

describe('forms', () => {
  it('written anew for every question are prepared once', async () => {
    const forms = new FormSchemas(undefined);
    const first = await forms.get(form('OK?'));
    expect(await forms.get(form('OK?'))).toBe(first);
    expect(await forms.get(form('Sure?'))).not.toBe(first);
    const schema = z.object({ ok: z.boolean() });
    expect(await forms.get(schema)).toBe(await forms.get(schema));
  });

  it('are what they were when they were asked with, whatever becomes of the object', async () => {
    const forms = new FormSchemas(undefined);
    const source = form('before');
    const before = await forms.get(source);
    source.properties.ok.title = 'after';
    expect((await forms.get(source)).jsonSchema).toEqual(form('after'));
    expect(before.jsonSchema).toEqual(form('before'));
    expect((await forms.get(form('before'))).jsonSchema).toEqual(form('before'));
  });

  it('are forgotten when there are many, longest unused first', async () => {
    const forms = new FormSchemas(undefined);
    const [used, unused] = [await forms.get(form('used')), await forms.get(form('unused'))];
    for (let number = 0; number < 255; number++) {
      await forms.get(form('used'));
      await forms.get(form(String(number)));
    }
    expect(await forms.get(form('used'))).toBe(used);
    expect(await forms.get(form('unused'))).not.toBe(unused);
  });

  it('that are long live as long as their source', async () => {
    const forms = new FormSchemas(undefined);
    const long = form('x'.repeat(20_000));
    expect(await forms.get(long)).toBe(await forms.get(long));
    expect(await forms.get(structuredClone(long))).not.toBe(await forms.get(long));
  });

  it('that are no JSON are refused', async () => {
    const cyclic: Record<string, unknown> = { type: 'object' };
    cyclic['properties'] = { self: cyclic };
    await expect(new FormSchemas(undefined).get(cyclic)).rejects.toThrow(McpConfigurationError);
  });
});
