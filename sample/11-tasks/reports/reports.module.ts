import { Module } from '@nestjs/common';
import { PrintQueue } from './print-queue.js';
import { ReportTools } from './report.tools.js';
import { SourceTools } from './source.tools.js';

@Module({ providers: [PrintQueue, ReportTools, SourceTools], exports: [PrintQueue] })
export class ReportsModule {}
