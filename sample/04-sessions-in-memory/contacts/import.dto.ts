import {
  IsArray,
  IsEmail,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { Type } from 'class-transformer';

export class ContactDto {
  @IsString()
  name!: string;

  @IsEmail()
  email!: string;
}

export class ImportDto {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => ContactDto)
  contacts!: ContactDto[];

  /** How long each contact takes, to have the time to break the connection. */
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(10_000)
  delayMs?: number;
}

/** The form the user is asked to fill in. */
export class DuplicatesDto {
  @IsIn(['replace', 'keep'])
  existing!: 'replace' | 'keep';
}
