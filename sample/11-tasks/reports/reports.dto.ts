import { handlePattern } from 'nestjs-mcp-adapters';
import { IsInt, IsOptional, IsString, IsUrl, Matches, Max, Min } from 'class-validator';

export class WriteReportDto {
  @IsString()
  topic!: string;

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(100)
  chapters?: number;

  /** Milliseconds that a chapter takes. */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(600_000)
  chapterMs?: number;
}

export class ApprovalDto {
  @IsString()
  title!: string;
}

export class PrintReportDto {
  @IsString()
  title!: string;
}

export class PrintedDto {
  @IsInt()
  pages!: number;

  @IsString()
  paper!: string;
}

export class PaperDto {
  @IsString()
  paper!: string;
}

export class AddSourceDto {
  @Matches(handlePattern('sources'))
  sources!: string;

  @IsUrl({ require_tld: false })
  url!: string;
}
