import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, Min } from 'class-validator';

/** The variables of recipes://recipe/{id}{?servings}. In a URI everything is text, `@Type` makes the number. */
export class ReadRecipeDto {
  @IsString()
  id!: string;

  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(20)
  @IsOptional()
  servings: number = 2;
}
