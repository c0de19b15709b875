import { Controller, Delete, Get, Param, Put } from '@nestjs/common';
import { PluginsService } from './plugins.service.js';

/** The same over plain HTTP, as an administration page would use it. */
@Controller('plugins')
export class PluginsController {
  constructor(private readonly plugins: PluginsService) {}

  @Get()
  list() {
    return this.plugins.list();
  }

  @Put(':name')
  enable(@Param('name') name: string): Promise<void> {
    return this.plugins.enable(name);
  }

  @Delete(':name')
  disable(@Param('name') name: string): Promise<void> {
    return this.plugins.disable(name);
  }
}
