import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import { DIETS, type Diet } from './recipes.service.js';

export class PlanMenuDto {
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(7)
  @JSONSchema({ description: 'For how many days to plan, 1 to 7' })
  days!: number;

  @IsIn(DIETS)
  @IsOptional()
  @JSONSchema({ description: 'What may be on the table' })
  diet: Diet = 'any';
}
