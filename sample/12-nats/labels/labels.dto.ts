import { IsBoolean, IsInt, IsString, Max, Min } from 'class-validator';

export class PrintDto {
  @IsString()
  text!: string;

  @IsInt()
  @Min(1)
  @Max(100)
  copies!: number;
}

export class RollDto {
  @IsString()
  text!: string;
}

/** The form the user is asked to fill in. */
export class SureDto {
  @IsBoolean()
  sure!: boolean;
}
