import { IsBoolean, IsString } from 'class-validator';

export class TaskDto {
  @IsString()
  text!: string;
}

/** The form the user is asked to fill in. */
export class ClearDto {
  @IsBoolean()
  sure!: boolean;
}
