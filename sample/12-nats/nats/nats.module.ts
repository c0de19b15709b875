import { Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { SharedNatsClient } from './shared-nats.js';

export const NATS_CONNECTION = Symbol('NATS_CONNECTION');

/** The one connection of this process, for the sessions, the microservice and its clients. */
@Global()
@Module({
  providers: [
    {
      provide: NATS_CONNECTION,
      useFactory: () =>
        connect({
          servers: process.env['NATS_URL'] ?? 'nats://localhost:4222',
          name: process.env['NATS_NAME'] ?? 'labels',
          // Its owner decides how it reconnects: with the default it would give up after ten attempts.
          maxReconnectAttempts: -1,
          noAsyncTraces: true,
        }),
    },
    {
      provide: SharedNatsClient,
      inject: [NATS_CONNECTION],
      useFactory: (connection: NatsConnection) => new SharedNatsClient(connection),
    },
  ],
  exports: [NATS_CONNECTION, SharedNatsClient],
})
export class NatsModule implements OnApplicationShutdown {
  constructor(@Inject(NATS_CONNECTION) private readonly connection: NatsConnection) {}

  /** Modules that import this one have ended what they do by now. */
  async onApplicationShutdown(): Promise<void> {
    await this.connection.drain();
  }
}
