import { describe, expect, it } from '@jest/globals';
import { BadRequestException, HttpException, type LoggerService } from '@nestjs/common';
import { IsInt, validate } from 'class-validator';
import { McpError } from '../../../lib/protocol/mcp.error.js';
import {
  httpExceptionMessage,
  isHttpException,
  reportUnexpected,
  toMcpError,
} from '../../../lib/calls/failure.js';

function recorder() {
  const lines: unknown[][] = [];
  const keep = (...parts: unknown[]) => void lines.push(parts);
  return { lines, logger: { log: keep, error: keep, warn: keep } satisfies LoggerService };
}

describe('reportUnexpected', () => {
  it('gives a text with a reference that the log has too, another each time', () => {
    const { lines, logger } = recorder();
    const texts = [1, 2].map(() => reportUnexpected(new Error('secret'), 'Tool a', logger));
    expect(new Set(texts).size).toBe(2);
    for (const [index, text] of texts.entries()) {
      const [, reference] = /^Internal error \(reference (.+)\)$/.exec(text)!;
      expect(lines[index]![0]).toBe(`Tool a failed (reference ${reference}): Error: secret`);
    }
  });

  it('logs the stacks of the error, of its causes and of the members of an aggregate', () => {
    const { lines, logger } = recorder();
    const cause = new AggregateError([new RangeError('one'), new SyntaxError('two')], 'both');
    reportUnexpected(new Error('top', { cause }), 'Tool a', logger);
    const [message, stack] = lines[0] as [string, string];
    expect(message).toMatch(
      /: Error: top, caused by AggregateError: both, caused by RangeError: one, caused by SyntaxError: two$/,
    );
    expect(stack.match(/Caused by: /g)).toHaveLength(3);
    expect(stack).toContain('failure.spec');
  });

  it('comes to an end with errors that cause each other, and with very many', () => {
    const { lines, logger } = recorder();
    const one: Error & { cause?: unknown } = new Error('one');
    one.cause = new Error('two', { cause: one });
    reportUnexpected(one, 'Tool a', logger);
    reportUnexpected(
      new AggregateError(Array.from({ length: 1000 }, () => new Error('x'))),
      'Tool a',
      logger,
    );
    for (const [message] of lines) expect(String(message).split('caused by').length).toBe(10);
  });

  it.each([[undefined], [null], [0], [''], [Symbol('s')], [1n], [Object.create(null)], [() => {}], [[1]]])(
    'takes whatever is thrown: %p',
    (thrown) => {
      const { lines, logger } = recorder();
      expect(reportUnexpected(thrown, 'Tool a', logger)).toMatch(/^Internal error/);
      expect(lines[0]![1]).toBeUndefined();
    },
  );
});

describe('httpExceptionMessage', () => {
  it('joins what a validation pipe lists', () => {
    expect(httpExceptionMessage(new BadRequestException(['a', 'b']))).toBe('a\nb');
  });

  it('puts validation errors into words', async () => {
    class Dto {
      @IsInt()
      days: unknown = 'x';
    }
    const text = httpExceptionMessage(new BadRequestException(await validate(new Dto())));
    expect(text).toContain('property days has failed the following constraints: isInt');
  });

  it('takes the message of a response object, else its own', () => {
    expect(httpExceptionMessage(new HttpException({ message: 'inner', other: 1 }, 400))).toBe('inner');
    expect(httpExceptionMessage(new HttpException({ message: { a: 1 } }, 400))).toBe('Http Exception');
  });

  it('recognises an exception of another copy of Nest', () => {
    const foreign = { getStatus: () => 403, getResponse: () => 'no', message: 'no' };
    expect(isHttpException(foreign)).toBe(true);
    expect(isHttpException(new Error('no'))).toBe(false);
    expect(isHttpException(undefined)).toBe(false);
  });
});

describe('toMcpError', () => {
  it('leaves an McpError alone', () => {
    const error = new McpError(-31000, 'mine', { a: 1 });
    expect(toMcpError(error, 'a', recorder().logger)).toBe(error);
  });

  it('takes an HttpException below 500 for the fault of the caller', () => {
    const { logger } = recorder();
    expect(toMcpError(new HttpException('no', 404), 'a', logger)).toMatchObject({
      code: -32602,
      message: 'no',
    });
    expect(toMcpError(new HttpException('no', 503), 'a', logger)).toMatchObject({
      code: -32603,
      message: 'no',
    });
  });

  it('replaces data that JSON cannot hold by an internal error', () => {
    const { lines, logger } = recorder();
    const error = toMcpError(new McpError(-31000, 'mine', { big: 1n }), 'tools/list', logger);
    expect(error).toMatchObject({ code: -32603, message: expect.stringMatching(/^Internal error/) });
    expect(lines[0]![0]).toContain('tools/list: data of an McpError failed');
  });
});
