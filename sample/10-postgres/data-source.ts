import type { DataSourceOptions } from 'typeorm';
import { Booking } from './hotel/booking.entity.js';
import { CreateBookings1700000000000 } from './migrations/create-bookings.js';
import { CreateMcpTables1700000000001 } from './migrations/create-mcp-tables.js';

/** Read when it is called, not when it is imported: who imports it may set the environment first. */
export function databaseOptions(): DataSourceOptions {
  return {
    type: 'postgres',
    url: process.env['DATABASE_URL'] ?? 'postgres://localhost:5432/postgres',
    entities: [Booking],
    migrations: [CreateBookings1700000000000, CreateMcpTables1700000000001],
    migrationsTransactionMode: 'each',
    // Connections of the application, and three for the sessions.
    poolSize: 10,
    connectTimeoutMS: 2_000,
  };
}
