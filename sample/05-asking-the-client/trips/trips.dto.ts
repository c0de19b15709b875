import { IsBoolean, IsIn, IsNotEmpty, IsString } from 'class-validator';

export class BookTripDto {
  @IsString()
  @IsNotEmpty()
  destination!: string;
}

/** A form that the user fills in. */
export class PassengerDto {
  @IsString()
  @IsNotEmpty()
  name!: string;

  @IsIn(['window', 'aisle'])
  place!: string;
}

export class ConfirmDto {
  @IsBoolean()
  confirmed!: boolean;
}
