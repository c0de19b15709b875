import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { McpModule } from 'nestjs-mcp-adapters';
import { postgresStore } from 'nestjs-mcp-adapters/postgres';
import { DataSource } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import { databaseOptions } from './data-source.js';
import { HealthController } from './health.controller.js';
import { HotelModule } from './hotel/hotel.module.js';

@Module({
  imports: [
    TypeOrmModule.forRoot(databaseOptions()),
    McpModule.forRootAsync({
      inject: [DataSource],
      useFactory: (dataSource: DataSource) => ({
        serverInfo: { name: 'hotel', title: 'Hotel', version: '1.0.0' },
        store: postgresStore({ pool: (dataSource.driver as PostgresDriver).master }),
        // At least 32 characters, the same on every instance.
        requestStateSecret: process.env['REQUEST_STATE_SECRET'] ?? '',
      }),
    }),
    HotelModule,
  ],
  controllers: [HealthController],
})
export class AppModule {}
