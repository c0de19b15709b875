import { Body, Controller, HttpCode, Module, Param, Post, type DynamicModule } from '@nestjs/common';

/**
 * Baseline of a benchmark: a controller that reads the same requests and answers with the same bytes.
 * `answers` holds what our server answered, by the name of the workload.
 */
export function createBareModule(answers: Readonly<Record<string, object>>): DynamicModule {
  @Controller()
  class BareController {
    @Post(':workload')
    @HttpCode(200)
    answer(@Param('workload') workload: string, @Body() request: { id: number }): object {
      return { ...answers[workload], id: request.id };
    }
  }

  @Module({})
  class BareModule {}

  return { module: BareModule, controllers: [BareController] };
}
