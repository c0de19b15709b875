import { connect } from './connect.js';
import type { Platform } from './platform.js';

/** Every request may go to another instance. */
export async function sessionMoves(platform: Platform): Promise<void> {
  console.log('1. A session moves between instances');
  const { client, line, call } = await connect(platform, 'legacy');
  for (const text of ['shelf 3 is low', 'shelf 7 is empty']) {
    await call('note', { text });
    console.log(`   instance ${line.answeredBy} keeps a note: ${text}`);
  }
  for (let times = 1; times <= 2; times++) {
    const notes = await call('notes');
    console.log(`   instance ${line.answeredBy} reads the notes: ${notes}`);
  }
  await client.close();
}
