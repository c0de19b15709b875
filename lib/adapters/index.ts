export { AdapterUnavailableError } from './adapter-unavailable.error.js';
export { ClientRequestAdapter, type PendingRequest } from './client-request.adapter.js';
export { ClientRequestTimeoutError } from './client-request-timeout.error.js';
export { EventsLostError } from './events-lost.error.js';
export {
  NotificationBus,
  type BusConsumer,
  type BusEvent,
  type BusListener,
  type ListChangedEvent,
  type MissedEvent,
  type RequestCancelledEvent,
  type ResourceUpdatedEvent,
  type SessionEndedEvent,
  type StreamOpenedEvent,
} from './notification-bus.js';
export type { PlainClientRequestAdapter } from './plain-client-request-adapter.js';
export type { PlainSessionAdapter } from './plain-session-adapter.js';
export {
  SessionAdapter,
  type AppendAttempt,
  type SessionData,
  type SessionMeta,
  type SessionState,
} from './session.adapter.js';
export {
  Store,
  type AppendedEntry,
  type AppendOptions,
  type AppendRefusal,
  type Bell,
  type BellListener,
  type LogEntry,
  type LogLimits,
  type LogPosition,
  type LogSlice,
  type StoredRecord,
  type StoreFields,
  type StoreKey,
  type StoreWriteOptions,
} from './store.js';
export { storeAdapters, type StoreAdapters, type StoreAdaptersOptions } from './store/store-adapters.js';
export {
  StoreClientRequestAdapter,
  type StoreClientRequestAdapterOptions,
} from './store/store-client-request.adapter.js';
export { StoreNotificationBus, type StoreNotificationBusOptions } from './store/store-notification-bus.js';
export { StoreSessionAdapter, type StoreSessionAdapterOptions } from './store/store-session.adapter.js';
export { StoreTaskAdapter, type StoreTaskAdapterOptions } from './store/store-task.adapter.js';
export type { EventId, StreamEvent } from './stream-event.js';
export {
  TaskAdapter,
  type OrphanedTasks,
  type StoredTask,
  type TaskBlock,
  type TaskData,
} from './task.adapter.js';
export type { TaskStatus } from '../protocol/types/tasks.js';
