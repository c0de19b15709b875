import { IsInt, IsString, Max, Min } from 'class-validator';

export class CountDto {
  @IsInt()
  @Min(1)
  @Max(1_000)
  shelves!: number;

  /** How long a shelf takes. */
  @IsInt()
  @Min(0)
  @Max(10_000)
  delayMs!: number;
}

export class NoteDto {
  @IsString()
  text!: string;
}

export class ItemDto {
  @IsString()
  item!: string;
}

/** The form the user is asked to fill in. */
export class QuantityDto {
  @IsInt()
  @Min(1)
  quantity!: number;
}
