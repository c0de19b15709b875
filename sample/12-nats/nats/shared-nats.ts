import type { NatsConnection } from '@nats-io/transport-node';
import { ClientNats, ServerNats } from '@nestjs/microservices';

/** Nest's NATS transport on a connection that is there, which it leaves open. */
export class SharedNatsServer extends ServerNats {
  constructor(private readonly connection: NatsConnection) {
    super({});
  }

  override createNatsClient(): Promise<NatsConnection> {
    return Promise.resolve(this.connection);
  }

  /** Subscriptions end when the owner drains the connection. */
  override async close(): Promise<void> {}
}

/** The same for who calls a microservice. */
export class SharedNatsClient extends ClientNats {
  constructor(private readonly connection: NatsConnection) {
    super({});
  }

  override createClient(): Promise<NatsConnection> {
    return Promise.resolve(this.connection);
  }

  override async close(): Promise<void> {
    this.handleClose();
  }
}
