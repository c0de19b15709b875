import { Module } from '@nestjs/common';
import { StockTools } from './stock.tools.js';

@Module({ providers: [StockTools] })
export class StockModule {}
