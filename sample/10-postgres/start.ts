/** Stands for a platform: Postgres, the migrations before a deployment, and two instances of the application. */
import { randomBytes } from 'node:crypto';
import { DataSource } from 'typeorm';
import { databaseOptions } from './data-source.js';
import { freePort, Instance } from './platform/instance.js';
import { findPostgres } from './platform/postgres.js';

const postgres = await findPostgres().catch((error: Error) => {
  console.error(error.message);
  process.exit(1);
});
process.env['DATABASE_URL'] = postgres.url;
process.env['REQUEST_STATE_SECRET'] ??= randomBytes(32).toString('base64url');

let instances: Instance[] = [];
const stop = async (code: number) => {
  await Promise.all(instances.map((instance) => instance.stop()));
  await postgres.stop();
  process.exit(code);
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop(0));

try {
  const dataSource = await new DataSource(databaseOptions()).initialize();
  await dataSource.runMigrations();
  await dataSource.destroy();

  const first = Number(process.env['PORT'] ?? 3000);
  const ports = first === 0 ? [await freePort(), await freePort()] : [first, first + 1];
  instances = ports.map((port, index) => new Instance(index + 1, port));
  await Promise.all(instances.map((instance) => instance.ready()));
} catch (error) {
  console.error(error);
  await stop(1);
}

console.log(`Postgres at ${postgres.url}`);
console.log(`MCP server at ${instances.map(({ url }) => url).join(' and ')} (Ctrl+C stops both)`);
console.log('In another terminal: npm start 10-postgres client');
