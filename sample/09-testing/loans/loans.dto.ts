import { IsBoolean, IsNotEmpty, IsString } from 'class-validator';

export class LendDto {
  @IsString()
  @IsNotEmpty()
  book!: string;
}

export class ConfirmDto {
  @IsBoolean()
  confirmed!: boolean;
}
