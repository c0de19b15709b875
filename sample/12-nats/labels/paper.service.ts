import { Injectable } from '@nestjs/common';

/** Last report of the printer. */
@Injectable()
export class PaperService {
  sheets = 0;
}
