import { Injectable } from '@nestjs/common';

/** What the printer has reported last. */
@Injectable()
export class PaperService {
  sheets = 0;
}
