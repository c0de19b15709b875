import { ConfigurableModuleBuilder } from '@nestjs/common';
import type { McpModuleOptions } from './mcp-module-options.interface.js';

/** What `forRoot` and `forRootAsync` take besides the options of the server. */
interface ModuleExtras {
  /**
   * Whether every module may inject the `McpRegistry` and whatever else the module exports without importing it. With
   * several servers, one of them at most.
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
