import { All, Controller, Req, Res, type Type } from '@nestjs/common';
import { StreamableHttpTransport } from './streamable-http.transport.js';

/** Metadata key of `@ApiExcludeController()` of @nestjs/swagger: MCP is no REST, and described by itself. */
const SWAGGER_EXCLUDED = 'swagger/apiExcludeController';

/** Makes the route of one server: its own class each, since Nest keeps a controller's path on the class. */
export function createController(): Type {
  @Controller()
  class McpController {
    constructor(private readonly transport: StreamableHttpTransport) {}

    @All()
    handle(@Req() request: unknown, @Res() response: unknown): Promise<void> {
      return this.transport.handleRequest(request, response);
    }
  }
  Reflect.defineMetadata(SWAGGER_EXCLUDED, [true], McpController);
  return McpController;
}

/** Sets the path. To be called before the application registers its routes. */
export function mount(controller: Type, path: string): void {
  Reflect.defineMetadata('path', path, controller);
}
