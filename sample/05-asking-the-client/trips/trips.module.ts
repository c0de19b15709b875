import { Module } from '@nestjs/common';
import { TripsService } from './trips.service.js';
import { TripsTools } from './trips.tools.js';

@Module({ providers: [TripsService, TripsTools] })
export class TripsModule {}
