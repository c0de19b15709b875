export { PostgresStore, postgresStore } from './postgres-store.js';
export type { PostgresStoreOptions } from './postgres-store-options.interface.js';
export type { PostgresTablesOptions } from './postgres-names.js';
export { postgresSql } from './postgres-sql.js';
export { PostgresUnavailableError } from './postgres-unavailable.error.js';
