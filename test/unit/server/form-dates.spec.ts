import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Type } from 'class-transformer';
import { IsDate, IsDateString, IsIP, IsOptional, IsRFC3339, IsString } from 'class-validator';
import { toRequestedSchema } from '../../../lib/asking/elicitation-schema.js';
import { FormSchemas } from '../../../lib/asking/form-schemas.js';

class FormDto {
  @IsDateString() day!: string;
  @IsOptional() @Type(() => Date) @IsDate() until?: Date;
  @IsOptional() @IsRFC3339() moment?: string;
  @IsOptional() @IsIP() address?: string;
  @IsOptional() @IsString() note?: string;
}

describe('dates of a form', () => {
  const forms = new FormSchemas(undefined);

  it('are asked for in one format each, as forms know no unions', async () => {
    const { jsonSchema } = await forms.get(FormDto);
    expect(toRequestedSchema(jsonSchema)).toEqual({
      type: 'object',
      properties: {
        day: { type: 'string', format: 'date' },
        until: { type: 'string', format: 'date' },
        moment: { type: 'string', format: 'date-time' },
        address: { type: 'string' },
        note: { type: 'string' },
      },
      required: ['day'],
    });
  });

  it.each([
    [{ day: '2026-02-28' }, true],
    [{ day: '2026-02-28', until: '2026-03-01', address: '::1' }, true],
    [{ day: '2026-02-30' }, false],
    [{ day: '2026-02-28T10:00:00Z' }, false],
    [{ day: '2026-02-28', until: '2026-03-01T00:00:00Z' }, false],
    [{ day: '2026-02-28', address: 'nowhere' }, false],
    [{}, false],
  ])('are taken in the format that was asked for: %j', async (answer, fits) => {
    expect((await (await forms.get(FormDto)).validate(answer)).ok).toBe(fits);
  });
});
