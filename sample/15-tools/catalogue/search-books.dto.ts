import { IsIn, IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import { SUBJECTS, type Subject } from './books.js';

export class SearchBooksDto {
  @IsString()
  @MaxLength(100)
  @IsOptional()
  @JSONSchema({ description: 'Part of a title or of the name of an author; all books if left out' })
  query?: string;

  @IsIn(SUBJECTS)
  @IsOptional()
  subject?: Subject;

  @IsInt()
  @Min(1)
  @Max(20)
  @IsOptional()
  limit: number = 5;
}
