import { Module } from '@nestjs/common';
import { AdminTools } from './admin.tools.js';
import { AuditGuard } from './audit.guard.js';
import { PluginsController } from './plugins.controller.js';
import { PluginsService } from './plugins.service.js';

@Module({ controllers: [PluginsController], providers: [PluginsService, AdminTools, AuditGuard] })
export class PluginsModule {}
