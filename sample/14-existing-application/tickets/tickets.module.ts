import { Module } from '@nestjs/common';
import { TicketsController } from './tickets.controller.js';
import { TicketsService } from './tickets.service.js';
import { TicketsTools } from './tickets.tools.js';

@Module({ controllers: [TicketsController], providers: [TicketsService, TicketsTools] })
export class TicketsModule {}
