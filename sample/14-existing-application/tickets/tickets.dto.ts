import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsInt, IsOptional, IsString, Length, MaxLength, Min } from 'class-validator';

export class NewTicketDto {
  @ApiProperty({ description: 'What is wrong, in one line' })
  @IsString()
  @Length(3, 80)
  title!: string;

  @ApiPropertyOptional({ description: 'How soon somebody has to look at it', default: 'normal' })
  @IsIn(['normal', 'urgent'])
  @IsOptional()
  priority: 'normal' | 'urgent' = 'normal';
}

export class FindTicketsDto {
  @ApiPropertyOptional({ description: 'Part of the title; all tickets if left out' })
  @IsString()
  @MaxLength(80)
  @IsOptional()
  text?: string;
}

export class TicketNumberDto {
  @ApiProperty({ description: 'The number of the ticket, as find_tickets gives it' })
  @IsInt()
  @Min(1)
  number!: number;
}
