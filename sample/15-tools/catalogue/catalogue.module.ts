import { Module } from '@nestjs/common';
import { ApiKeyGuard } from './api-key.guard.js';
import { CatalogueService } from './catalogue.service.js';
import { CatalogueTools } from './catalogue.tools.js';

@Module({ providers: [CatalogueService, CatalogueTools, ApiKeyGuard] })
export class CatalogueModule {}
