import { IsDateString, IsInt, IsString, Max, Min, MinLength } from 'class-validator';

export class NightDto {
  /** Such as 2026-12-24. */
  @IsDateString()
  night!: string;
}

export class BookDto extends NightDto {
  @IsInt()
  @Min(1)
  @Max(5)
  room!: number;
}

/** The form the user is asked to fill in. */
export class GuestDto {
  @IsString()
  @MinLength(1)
  guest!: string;
}
