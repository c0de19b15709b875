import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { ClsService } from 'nestjs-cls';

/** The filter of Nest's documentation, which answers whatever was thrown. Nothing in it knows of MCP. */
@Catch()
export class AllExceptionsFilter implements ExceptionFilter {
  constructor(
    private readonly adapterHost: HttpAdapterHost,
    private readonly cls: ClsService,
  ) {}

  catch(exception: unknown, host: ArgumentsHost): void {
    const isKnown = exception instanceof HttpException;
    const status = isKnown ? exception.getStatus() : 500;
    const body = {
      statusCode: status,
      message: isKnown ? exception.message : 'Something went wrong',
      requestId: this.cls.getId(),
    };
    this.adapterHost.httpAdapter.reply(host.switchToHttp().getResponse(), body, status);
  }
}
