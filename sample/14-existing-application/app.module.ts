import { Module } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR } from '@nestjs/core';
import { TerminusModule } from '@nestjs/terminus';
import { ThrottlerGuard, ThrottlerModule } from '@nestjs/throttler';
import { ClsModule } from 'nestjs-cls';
import { McpModule } from 'nestjs-mcp-adapters';
import { AllExceptionsFilter } from './common/all-exceptions.filter.js';
import { ApiKeyGuard } from './common/api-key.guard.js';
import { EnvelopeInterceptor } from './common/envelope.interceptor.js';
import { RolesGuard } from './common/roles.guard.js';
import { HealthController } from './health.controller.js';
import { settings } from './settings.js';
import { TicketsModule } from './tickets/tickets.module.js';

@Module({
  imports: [
    ConfigModule.forRoot({ isGlobal: true, load: [settings] }),
    ClsModule.forRoot({ global: true, middleware: { mount: true, generateId: true } }),
    ThrottlerModule.forRootAsync({
      inject: [ConfigService],
      useFactory: (config: ConfigService) => [{ ttl: 60_000, limit: config.getOrThrow('callsPerMinute') }],
    }),
    TerminusModule,
    TicketsModule,
    McpModule.forRootAsync({
      inject: [ConfigService],
      useFactory: (config: ConfigService) => ({
        serverInfo: { name: 'help-desk', title: 'Help desk', version: '1.0.0' },
        hideDenied: true,
        allowedHosts: config.getOrThrow<string[]>('allowedHosts'),
      }),
    }),
  ],
  controllers: [HealthController],
  providers: [
    { provide: APP_GUARD, useClass: ThrottlerGuard },
    { provide: APP_GUARD, useClass: ApiKeyGuard },
    { provide: APP_GUARD, useClass: RolesGuard },
    { provide: APP_INTERCEPTOR, useClass: EnvelopeInterceptor },
    { provide: APP_FILTER, useClass: AllExceptionsFilter },
  ],
})
export class AppModule {}
