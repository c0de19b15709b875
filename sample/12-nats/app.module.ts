import { Module } from '@nestjs/common';
import { LabelsController } from './labels/labels.controller.js';
import { LabelsModule } from './labels/labels.module.js';

@Module({
  imports: [LabelsModule],
  controllers: [LabelsController],
})
export class AppModule {}
