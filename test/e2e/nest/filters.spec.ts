import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  Catch,
  ForbiddenException,
  Injectable,
  UseFilters,
  UseGuards,
  type ArgumentsHost,
  type CanActivate,
  type ExceptionFilter,
} from '@nestjs/common';
import { McpError, McpExecutionContext, McpModule, McpTool } from 'nestjs-mcp-adapters';
import { startApp, type TestApp } from '../../support/app.js';
import { call, ERAS, MemoryLogger, resultOf, textOf } from './calls.js';

class StockError extends Error {}

@Injectable()
class Reports {
  readonly lines: string[] = [];
}

@Catch(StockError)
class ReplaceFilter implements ExceptionFilter {
  catch(error: StockError, host: ArgumentsHost) {
    const { city } = McpExecutionContext.create(host).getArgs<{ city: string }>();
    return { content: [{ type: 'text', text: `${error.message} in ${city}` }], isError: true };
  }
}

@Injectable()
@Catch()
class SilentFilter implements ExceptionFilter {
  constructor(private readonly reports: Reports) {}

  catch(error: Error): void {
    this.reports.lines.push(error.message);
  }
}

@Injectable()
@Catch()
class AsyncSilentFilter implements ExceptionFilter {
  constructor(private readonly reports: Reports) {}

  async catch(error: Error): Promise<void> {
    this.reports.lines.push(error.message);
  }
}

@Catch(StockError)
class AsyncReplaceFilter implements ExceptionFilter {
  async catch() {
    return 'nothing left';
  }
}

@Catch(StockError)
class TranslateFilter implements ExceptionFilter {
  catch(error: StockError) {
    throw new McpError(-31000, error.message, { retry: false });
  }
}

@Catch(StockError)
class ReturnFilter implements ExceptionFilter {
  catch(error: StockError) {
    return new ForbiddenException(`Not for you: ${error.message}`);
  }
}

@Catch()
class BrokenFilter implements ExceptionFilter {
  catch(): never {
    throw new Error('filter is broken');
  }
}

class DenyGuard implements CanActivate {
  canActivate(): boolean {
    throw new StockError('denied');
  }
}

@Injectable()
@UseFilters(ReplaceFilter)
class ShopTools {
  @McpTool()
  replaced(_args: Record<string, unknown>) {
    throw new StockError('sold out');
  }

  @McpTool()
  @UseGuards(DenyGuard)
  guarded(_args: Record<string, unknown>) {}

  @McpTool()
  @UseFilters(SilentFilter)
  silent() {
    throw new Error('db.internal:5432 is down');
  }

  @McpTool()
  @UseFilters(AsyncSilentFilter)
  silentLater() {
    throw new Error('db.internal:5432 is down');
  }

  @McpTool()
  @UseFilters(AsyncReplaceFilter)
  replacedLater() {
    throw new StockError('sold out');
  }

  @McpTool()
  @UseFilters(TranslateFilter)
  translated() {
    throw new StockError('sold out');
  }

  @McpTool()
  @UseFilters(ReturnFilter)
  returned() {
    throw new StockError('sold out');
  }

  @McpTool()
  @UseFilters(BrokenFilter)
  broken() {
    throw new StockError('sold out');
  }
}

describe('exception filters', () => {
  const logger = new MemoryLogger();
  let app: TestApp;

  beforeAll(async () => {
    app = await startApp({ imports: [McpModule.forRoot({ logger })], providers: [Reports, ShopTools] });
  });
  afterAll(() => app.close());
  beforeEach(() => void logger.lines.splice(0));

  describe.each(ERAS)('in the %s era', (era) => {
    it('replace an error by a result, knowing the call', async () => {
      const result = await resultOf(app, 'replaced', { era, args: { city: 'Graz' } });
      expect(result).toMatchObject({ isError: true, content: [{ text: 'sold out in Graz' }] });
      expect(logger.of('error')).toEqual([]);
    });

    it('see what a guard throws', async () => {
      expect(await textOf(app, 'guarded', { era, args: { city: 'Wien' } })).toBe('denied in Wien');
    });

    it.each(['silent', 'silentLater'])('leave the error as it is by returning nothing (%s)', async (name) => {
      const { lines } = app.app.get(Reports);
      lines.length = 0;
      const result = await resultOf(app, name, { era });
      expect(result.isError).toBe(true);
      expect(result.content[0].text).toMatch(/^Internal error \(reference [-0-9a-f]{36}\)$/);
      expect(lines).toEqual(['db.internal:5432 is down']);
    });

    it('replace an error later', async () => {
      const result = await resultOf(app, 'replacedLater', { era });
      expect(result.content).toEqual([{ type: 'text', text: 'nothing left' }]);
      expect(result.isError).toBeUndefined();
    });

    it('turn an error into one of the protocol', async () => {
      const { json } = await call(app, 'translated', { era });
      expect(json.error).toEqual({ code: -31000, message: 'sold out', data: { retry: false } });
    });

    it('return an error instead of throwing it, as resolvers do', async () => {
      const result = await resultOf(app, 'returned', { era });
      expect(result).toMatchObject({ isError: true, content: [{ text: 'Not for you: sold out' }] });
    });

    it('are treated as the handler when they fail themselves', async () => {
      expect(await textOf(app, 'broken', { era })).toMatch(/^Internal error/);
      expect(logger.of('error')[0]).toContain('filter is broken');
    });
  });
});
