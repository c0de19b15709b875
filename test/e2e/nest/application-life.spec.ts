import { describe, expect, it } from '@jest/globals';
import { Injectable, Module, type OnApplicationBootstrap } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { McpModule, McpTool, StreamableHttpTransport } from 'nestjs-mcp-adapters';
import { PLATFORMS, startApp } from '../../support/app.js';
import { call, textOf, toolNames } from './calls.js';

@Injectable()
class CounterTools {
  #count = 0;

  @McpTool()
  count() {
    return String(++this.#count);
  }
}

@Module({ imports: [McpModule.forRoot()], providers: [CounterTools] })
class AppModule {}

describe('an application without HTTP', () => {
  it('starts and closes', async () => {
    const context = await NestFactory.createApplicationContext(AppModule, { logger: false });
    expect(context.get(StreamableHttpTransport)).toBeInstanceOf(StreamableHttpTransport);
    await context.close();
  });

  it('starts and closes as a testing module that is never listened on', async () => {
    const module = await Test.createTestingModule({ imports: [AppModule] }).compile();
    await module.init();
    expect(module.get(CounterTools).count()).toBe('1');
    await module.close();
  });
});

describe.each(PLATFORMS)('two applications in one process on %s', (platform) => {
  it('share nothing, one after the other', async () => {
    const first = await startApp({ platform, imports: [AppModule] });
    expect(await textOf(first, 'count')).toBe('1');
    expect(await textOf(first, 'count')).toBe('2');
    await first.close();
    await expect(fetch(first.url)).rejects.toThrow();

    const second = await startApp({ platform, imports: [AppModule] });
    expect(await textOf(second, 'count')).toBe('1');
    await second.close();
  });

  it('share nothing, side by side', async () => {
    @Injectable()
    class OtherTools {
      @McpTool()
      other() {}
    }
    const [one, two] = await Promise.all([
      startApp({ platform, imports: [AppModule] }),
      startApp({ platform, imports: [McpModule.forRoot()], providers: [OtherTools] }),
    ]);
    expect(await toolNames(one)).toEqual(['count']);
    expect(await toolNames(two)).toEqual(['other']);
    await one.close();
    expect((await call(two, 'other')).status).toBe(200);
    await two.close();
  });

  it('may be closed twice', async () => {
    const app = await startApp({ platform, imports: [AppModule] });
    await app.close();
    await app.close();
  });
});

describe('a tool', () => {
  it('is called only after the application has started', async () => {
    const order: string[] = [];
    @Injectable()
    class LateTools implements OnApplicationBootstrap {
      onApplicationBootstrap() {
        order.push('started');
      }

      @McpTool()
      late() {
        order.push('called');
      }
    }
    const app = await startApp({ imports: [McpModule.forRoot()], providers: [LateTools] });
    await call(app, 'late');
    expect(order).toEqual(['started', 'called']);
    await app.close();
  });
});
