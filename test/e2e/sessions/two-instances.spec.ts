import {
  InMemoryClientRequestAdapter,
  InMemorySessionAdapter,
  InProcessChannel,
  InProcessNotificationBus,
} from 'nestjs-mcp-adapters';
import { describeTwoInstances } from './two-instances.js';

/** One store that outlives the applications, each of which closes what it was given. */
class SharedSessions extends InMemorySessionAdapter {
  override async close() {}
}
class SharedRequests extends InMemoryClientRequestAdapter {
  override async close() {}
}

describeTwoInstances('one store in memory', () => {
  const channel = new InProcessChannel();
  const sessionAdapter = new SharedSessions();
  const clientRequestAdapter = new SharedRequests();
  return {
    options: () => ({
      sessionAdapter,
      clientRequestAdapter,
      notificationBus: new InProcessNotificationBus(channel),
    }),
  };
});
