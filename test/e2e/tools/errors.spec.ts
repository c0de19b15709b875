import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  BadRequestException,
  ForbiddenException,
  HttpException,
  Injectable,
  InternalServerErrorException,
} from '@nestjs/common';
import { McpError, McpErrorCode, McpModule, McpTool } from 'nestjs-mcp-adapters';
import { startApp, type TestApp } from '../../support/app.js';
import { call, ERAS, MemoryLogger, resultOf } from '../nest/calls.js';

const circular: Record<string, unknown> = {};
circular['self'] = circular;
const loop: Error & { cause?: unknown } = new Error('db.internal refused');
loop.cause = new Error('pool is empty', { cause: loop });

const UNKNOWN: Record<string, [thrown: unknown, logged: string]> = {
  error: [new TypeError('db.internal refused'), 'TypeError: db.internal refused'],
  caused: [new Error('db.internal refused', { cause: new Error('no route') }), 'no route'],
  aggregate: [new AggregateError([new Error('no route to db.internal')]), 'no route'],
  loop: [loop, 'pool is empty'],
  string: ['db.internal refused', 'db.internal refused'],
  undefined: [undefined, 'undefined'],
  null: [null, 'null'],
  object: [{ host: 'db.internal' }, 'db.internal'],
  bare: [Object.assign(Object.create(null), { host: 'db.internal' }), 'db.internal'],
  symbol: [Symbol('db.internal'), 'db.internal'],
};

const KNOWN: Record<string, [thrown: unknown, text: string]> = {
  plain: [new ForbiddenException('Not your city'), 'Not your city'],
  list: [
    new BadRequestException(['city must be a string', 'days must be 1']),
    'city must be a string\ndays must be 1',
  ],
  objects: [new BadRequestException([{ field: 'city' }]), '{"field":"city"}'],
  custom: [new HttpException({ code: 'E1', message: 'Pay first', secret: 'x' }, 402), 'Pay first'],
  wordless: [new HttpException({ code: 'E1' }, 418), 'Http Exception'],
  text: [new HttpException('As it is', 400), 'As it is'],
  server: [new InternalServerErrorException(), 'Internal Server Error'],
};

@Injectable()
class FailingTools {
  @McpTool()
  unknown(args: { kind: string }) {
    throw UNKNOWN[args.kind]![0];
  }

  @McpTool()
  async later(args: { kind: string }) {
    await Promise.reject(UNKNOWN[args.kind]![0]);
  }

  @McpTool()
  known(args: { kind: string }) {
    throw KNOWN[args.kind]![0];
  }

  @McpTool()
  protocol(args: { data?: unknown }) {
    throw new McpError(-31001, 'Quota exhausted', args.data, { cause: new Error('db.internal') });
  }

  @McpTool()
  invalid() {
    throw new McpError(McpErrorCode.InvalidParams, 'No such city');
  }

  @McpTool()
  unsendable(args: { kind: string }) {
    throw new McpError(-31001, 'Quota exhausted', args.kind === 'circular' ? circular : { big: 1n });
  }

  @McpTool()
  returned() {
    return new Error('db.internal refused');
  }
}

describe('an error of a tool', () => {
  const logger = new MemoryLogger();
  let app: TestApp;

  beforeAll(async () => {
    app = await startApp({ imports: [McpModule.forRoot({ logger })], providers: [FailingTools] });
  });
  afterAll(() => app.close());
  beforeEach(() => void logger.lines.splice(0));

  describe.each(ERAS)('in the %s era', (era) => {
    it.each([
      ...Object.keys(UNKNOWN).map((kind) => ['unknown', kind]),
      ['later', 'error'],
      ['later', 'undefined'],
    ])('reaches the client as a reference into the log, nothing else: %s %s', async (name, kind) => {
      const { json, text, status } = await call(app, name, { era, args: { kind } });
      expect(status).toBe(200);
      expect(json.result.isError).toBe(true);
      expect(json.result.content).toHaveLength(1);
      const [, reference] = /^Internal error \(reference ([-0-9a-f]{36})\)$/.exec(
        json.result.content[0].text,
      )!;
      expect(text).not.toMatch(/internal refused|db\.internal|at .*spec/);

      expect(logger.of('error')).toHaveLength(1);
      const [line] = logger.of('error');
      expect(line).toContain(`Tool ${name} failed (reference ${reference})`);
      expect(line).toContain(UNKNOWN[kind]![1]);
    });

    it('is logged with its stack and those of its causes', async () => {
      await call(app, 'unknown', { era, args: { kind: 'caused' } });
      expect(logger.of('error')[0]).toMatch(
        /Error: db\.internal refused\n +at [^]*Caused by: Error: no route\n +at /,
      );
    });

    it('is unknown, too, when it is returned', async () => {
      const result = await resultOf(app, 'returned', { era });
      expect(result).toMatchObject({
        isError: true,
        content: [{ text: expect.stringMatching(/^Internal error/) }],
      });
    });

    it.each(Object.keys(KNOWN))('of Nest tells the client its message: %s', async (kind) => {
      const result = await resultOf(app, 'known', { era, args: { kind } });
      expect(result).toMatchObject({ isError: true, content: [{ type: 'text', text: KNOWN[kind]![1] }] });
      expect(logger.of('error')).toEqual([]);
    });

    it('of the protocol is a JSON-RPC error with its code and data', async () => {
      const { json, text } = await call(app, 'protocol', { era, args: { data: { retryAfter: 5 } } });
      expect(json.error).toEqual({ code: -31001, message: 'Quota exhausted', data: { retryAfter: 5 } });
      expect(text).not.toContain('db.internal');
      const bare = await call(app, 'protocol', { era });
      expect(bare.json.error).toEqual({ code: -31001, message: 'Quota exhausted' });
      const invalid = await call(app, 'invalid', { era });
      expect([invalid.status, invalid.json.error.code]).toEqual([200, -32602]);
      expect(logger.of('error')).toEqual([]);
    });

    it.each(['circular', 'bigint'])(
      'of the protocol with data JSON cannot hold is an internal error: %s',
      async (kind) => {
        const { json, status } = await call(app, 'unsendable', { era, args: { kind } });
        expect(status).toBe(200);
        expect(json.error).toEqual({
          code: -32603,
          message: expect.stringMatching(/^Internal error \(reference /),
        });
        expect(logger.of('error')[0]).toContain('TypeError');
      },
    );

    it('is the caller’s when the tool is unknown', async () => {
      const { json } = await call(app, 'toString', { era });
      expect(json.error).toEqual({ code: -32602, message: 'Unknown tool: toString' });
    });
  });
});
