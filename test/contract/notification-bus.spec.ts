import {
  InProcessChannel,
  InProcessNotificationBus,
} from '../../lib/adapters/in-memory/in-process-notification-bus.js';
import { notificationBusContract } from '../../lib/testing/index.js';
import { instances, keeps } from './support.js';

keeps('InProcessNotificationBus', notificationBusContract, () => {
  const channel = new InProcessChannel();
  return instances(() => new InProcessNotificationBus(channel));
});
