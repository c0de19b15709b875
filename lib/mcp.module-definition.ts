import { ConfigurableModuleBuilder } from '@nestjs/common';
import type { McpModuleOptions } from './mcp-module-options.interface.js';

/** Options of `forRoot` and `forRootAsync` besides those of the server. */
interface ModuleExtras {
  /**
   * Set to let every module inject the `McpRegistry` and the other exports of the module without importing it. With several
   * servers, one of them at most.
   * @default false
   */
  readonly isGlobal?: boolean;
}

const EXTRAS: ModuleExtras = { isGlobal: false };

export const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN, OPTIONS_TYPE, ASYNC_OPTIONS_TYPE } =
  new ConfigurableModuleBuilder<McpModuleOptions>({ moduleName: 'Mcp' })
    .setClassMethodName('forRoot')
    .setFactoryMethodName('createMcpOptions')
    .setExtras(EXTRAS, (definition, { isGlobal = false }) => ({ ...definition, global: isGlobal }))
    .build();
