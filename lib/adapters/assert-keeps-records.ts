import { McpConfigurationError } from '../protocol/configuration.error.js';
import { AdapterUnavailableError } from './adapter-unavailable.error.js';
import { RECORD_META, recordIdOf } from './record-ids.js';
import { SessionAdapter } from './session.adapter.js';

/** Methods whose defaults are built on records beside a session. */
const BUILT_ON_RECORDS = ['open', 'isAlive', 'readState', 'writeState'] as const;

/**
 * Tries with a session of its own whether an adapter keeps the records that the defaults of `SessionAdapter` put beside
 * sessions, and removes it again. A store that cannot be reached now proves nothing.
 *
 * @throws McpConfigurationError for an adapter that refuses the ids of such records, or drops their fields
 */
export async function assertKeepsRecords(adapter: SessionAdapter, name: string): Promise<void> {
  if (BUILT_ON_RECORDS.every((method) => adapter[method] !== SessionAdapter.prototype[method])) return;
  const id = adapter.generateSessionId();
  try {
    await adapter.create(id, { protocolVersion: '2025-11-25' });
  } catch {
    return;
  }
  try {
    await assertKept(adapter, recordIdOf(id, 'alive'), name);
  } finally {
    await adapter.end(id).catch(() => {});
  }
}

async function assertKept(adapter: SessionAdapter, recordId: string, name: string): Promise<void> {
  const state = { key: 'value' };
  let fault: string;
  let cause: unknown;
  try {
    await adapter.create(recordId, { ...RECORD_META, state });
    const kept = (await adapter.get(recordId))?.meta['state'];
    if (JSON.stringify(kept) === JSON.stringify(state)) return;
    fault =
      'get() does not give back all that create() was given: keep the whole of meta, fields you do not know, too';
  } catch (error) {
    if (error instanceof AdapterUnavailableError) return;
    fault = `create() refuses the id ${JSON.stringify(recordId)}, which has the shape of those of generateSessionId()`;
    cause = error;
  }
  throw new McpConfigurationError(
    `McpModule option sessionAdapter: ${name} has no open(), readState() and writeState() of its own, so that the state ` +
      `of sessions is kept in records beside them, and ${fault}. Else extend SessionAdapter and override these methods`,
    { cause },
  );
}
