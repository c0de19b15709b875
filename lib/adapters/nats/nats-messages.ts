import { AckPolicy, DeliverPolicy, type StoredMsg } from '@nats-io/jetstream';
import { createInbox, nanos, type Msg } from '@nats-io/transport-node';
import type { Nats, NatsLink } from './nats-link.js';

/** Messages from which on they are sent by the server one after the other, rather than asked for one by one. */
const MANY = 32;

/** Messages of the subject between the first and the last that is wanted, for each of these, that are worth reading. */
const MAX_SPARSE = 4;

/** After that the server forgets what it was to send. */
const FORGOTTEN_MS = 5_000;

/** Contents of stored messages of one subject, of those that are there. The sequences are ascending. */
export async function readMessages(
  link: NatsLink,
  subject: string,
  seqs: readonly number[],
): Promise<ReadonlyMap<number, Uint8Array>> {
  return link.run(async (nats) => {
    const isMany = seqs.length >= MANY;
    const found = isMany ? await readInTurn(nats, link.names.stream, subject, seqs) : new Map();
    // Messages that are missing may have been removed, or not have reached the server that sent the others.
    const missing = seqs.filter((seq) => !found.has(seq));
    const stored = await Promise.all(missing.map((seq) => nats.get({ seq })));
    for (const message of stored as readonly (StoredMsg | null)[])
      if (message) found.set(message.seq, message.data);
    return found;
  });
}

/** Has the server send everything of a subject from the first to the last of these. */
async function readInTurn(
  { connection, manager }: Nats,
  stream: string,
  subject: string,
  seqs: readonly number[],
): Promise<Map<number, Uint8Array>> {
  const [first = 0, last = 0] = [seqs[0], seqs.at(-1)];
  const wanted = new Set(seqs);
  const found = new Map<number, Uint8Array>();
  const inbox = createInbox();
  let left = seqs.length * MAX_SPARSE;
  let finish = () => {};
  const finished = new Promise<void>((resolve) => (finish = resolve));
  const subscription = connection.subscribe(inbox, {
    callback(error: Error | null, message: Msg) {
      if (error) return finish();
      const { seq, pending } = placeOf(message);
      if (wanted.has(seq)) found.set(seq, message.data);
      if (seq >= last || pending === 0 || --left === 0) finish();
    },
  });
  try {
    const { name, num_pending } = await manager.consumers.add(stream, {
      ...{ deliver_subject: inbox, filter_subject: subject, ack_policy: AckPolicy.None },
      ...{ deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: first },
      ...{ inactive_threshold: nanos(FORGOTTEN_MS), mem_storage: true, num_replicas: 1 },
    });
    if (num_pending > 0) await finished;
    manager.consumers.delete(stream, name).catch(() => {});
  } finally {
    if (!connection.isClosed()) subscription.unsubscribe();
  }
  return found;
}

/** From the subject for acknowledgements: `$JS.ACK.`, where it is kept, how often it came, sequences, the time, how many follow. */
function placeOf({ reply = '' }: Msg): { readonly seq: number; readonly pending: number } {
  const parts = reply.split('.');
  const [seq, pending] = parts.length === 9 ? [5, 8] : [7, 10];
  return { seq: Number(parts[seq]), pending: Number(parts[pending]) };
}
