import { Controller } from '@nestjs/common';
import { EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { PaperService } from './paper.service.js';

/** The microservice of the application: what other services tell it and ask it. */
@Controller()
export class LabelsController {
  constructor(private readonly paper: PaperService) {}

  /** Heard by every instance, as it is in no queue group. */
  @EventPattern('labels.paper')
  paperLeft(@Payload() sheets: number) {
    this.paper.sheets = sheets;
  }

  @MessagePattern('labels.has_paper')
  hasPaper() {
    return this.paper.sheets > 0;
  }
}
