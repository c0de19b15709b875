export { clientRequestAdapterContract } from './client-request-adapter.contract.js';
export type { ContractCase, ContractSubject } from './contract.js';
export { sessionAdapterContract } from './session-adapter.contract.js';
export { notificationBusContract } from './notification-bus.contract.js';
