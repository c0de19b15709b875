import { postgresStore } from 'nestjs-mcp-adapters/postgres';

const pooled = process.env['POOLER_URL'] ?? 'postgres://localhost:6432/hotel';
const direct = process.env['DATABASE_URL'] ?? 'postgres://localhost:5432/hotel';

export const pooledStore = () =>
  // The pool goes through a pooler of transactions, which loses notifications.
  postgresStore({ url: pooled, listen: direct });
