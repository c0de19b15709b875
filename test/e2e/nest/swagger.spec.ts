import { afterEach, describe, expect, it } from '@jest/globals';
import { ModulesContainer } from '@nestjs/core';
import { McpModule } from 'nestjs-mcp-adapters';
import { PLATFORMS, startApp, type TestApp } from '../../support/app.js';

describe.each(PLATFORMS)('the controllers of servers on %s', (platform) => {
  let app: TestApp | undefined;
  afterEach(() => app?.close());

  it('are marked as @ApiExcludeController() marks them, so that Swagger leaves them out', async () => {
    app = await startApp({
      platform,
      imports: [McpModule.forRoot(), McpModule.forRoot({ name: 'second', path: '/second' })],
    });
    const controllers = [...app.app.get(ModulesContainer).values()]
      .flatMap((module) => [...module.controllers.values()])
      .map(({ metatype }) => metatype as object);
    expect(controllers).toHaveLength(2);
    for (const controller of controllers) {
      expect(Reflect.getMetadata('swagger/apiExcludeController', controller)).toEqual([true]);
    }
  });
});
