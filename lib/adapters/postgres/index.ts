export { PostgresStore, postgresStore } from './postgres-store.js';
export type { PostgresStoreOptions } from './postgres-store-options.interface.js';
export { postgresSql, type PostgresTablesOptions } from './postgres-sql.js';
export { PostgresUnavailableError } from './postgres-unavailable.error.js';
