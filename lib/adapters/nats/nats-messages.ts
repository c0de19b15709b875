import { AckPolicy, DeliverPolicy, JetStreamApiError } from '@nats-io/jetstream';
import { nanos, type Msg } from '@nats-io/transport-node';
import { inboxOf, unsubscribe } from './nats-connection.js';
import type { Nats, NatsLink } from './nats-link.js';

const NEWLINE = 10;

/** Messages from which on they are sent by the server one after the other, rather than asked for one by one. */
const MANY = 32;

/** Messages of the subject between the first and the last that is wanted, for each of these, that are worth reading. */
const MAX_SPARSE = 4;

/** Messages that are read beyond those that are known to be there: some may be there that are no part of any state. */
const ROOM = 8;

/** How long to wait for the next message: one that was to come may have been removed meanwhile. */
const IDLE_MS = 250;

/** After that the server forgets what it was to send. */
const FORGOTTEN_MS = 5_000;

/**
 * Bodies of stored messages of one subject, of those that are there. The sequences are ascending. `passed`: messages of
 * the subject from the first to the last of them, as far as that is known.
 */
export async function readBodies(
  link: NatsLink,
  subject: string,
  seqs: readonly number[],
  passed: number,
): Promise<ReadonlyMap<number, Buffer>> {
  const isWorthIt = seqs.length >= MANY && passed <= seqs.length * MAX_SPARSE;
  const found = isWorthIt
    ? await link.run((nats) => readInTurn(nats, link.names.stream, subject, seqs, passed + ROOM))
    : new Map<number, Buffer>();
  if (found.size === seqs.length) return found;
  // Messages that are missing may have been removed, or not have reached the server that sent the others.
  const missing = seqs.filter((seq) => !found.has(seq));
  const stored = await Promise.all(missing.map((seq) => link.read({ seq })));
  for (const message of stored) if (message) found.set(message.seq, Buffer.from(bodyOf(message.data)));
  return found;
}

/** Has the server send what it has of a subject from the first to the last of these, and no more messages than `most`. */
async function readInTurn(
  { connection, manager }: Nats,
  stream: string,
  subject: string,
  seqs: readonly number[],
  most: number,
): Promise<Map<number, Buffer>> {
  const [first = 0, last = 0] = [seqs[0], seqs.at(-1)];
  const wanted = new Set(seqs);
  const found = new Map<number, Buffer>();
  const inbox = inboxOf(connection);
  let [left, leftBefore] = [most, most];
  let finish = () => {};
  const finished = new Promise<void>((resolve) => (finish = resolve));
  const subscription = connection.subscribe(inbox, {
    callback(error: Error | null, message: Msg) {
      left--;
      if (error) return finish();
      const { seq, isLast } = placeOf(message);
      // A copy, of what little is wanted: the rest is a large piece of what the socket has read.
      if (wanted.has(seq)) found.set(seq, Buffer.from(bodyOf(message.data)));
      if (seq >= last || isLast || left === 0) finish();
    },
  });
  let idle: NodeJS.Timeout | undefined;
  try {
    const adding = manager.consumers.add(stream, {
      ...{ deliver_subject: inbox, filter_subject: subject },
      ...{ deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: first },
      // Nothing is acknowledged, so the server sends that many and stops.
      ...{ ack_policy: AckPolicy.All, max_ack_pending: most },
      ...{ inactive_threshold: nanos(FORGOTTEN_MS), mem_storage: true, num_replicas: 1 },
    });
    const made = await adding.catch((error: unknown) => {
      // Limits that an administrator has set: what is wanted can be asked for one by one.
      if (error instanceof JetStreamApiError) return undefined;
      throw error;
    });
    if (!made) return found;
    const { name, num_pending } = made;
    idle = setInterval(() => {
      if (left === leftBefore) finish();
      leftBefore = left;
    }, IDLE_MS);
    if (num_pending > 0) await finished;
    manager.consumers.delete(stream, name).catch(() => {});
  } finally {
    clearInterval(idle);
    unsubscribe(subscription);
  }
  return found;
}

/**
 * Reads the subject for acknowledgements: `$JS.ACK.`, where it is kept in two parts or four, how often it came, its
 * sequence, that of the delivery, the time, how many follow, and more after four.
 */
function placeOf({ reply = '' }: Msg): { readonly seq: number; readonly isLast: boolean } {
  let dots = 0;
  let start = 0;
  for (let at = reply.indexOf('.'); at >= 0; at = reply.indexOf('.', at + 1)) {
    if (++dots === 5) start = at + 1;
  }
  if (dots === 8) return { seq: Number.parseInt(reply.slice(start), 10), isLast: reply.endsWith('.0') };
  const parts = reply.split('.');
  return { seq: Number(parts[7]), isLast: parts[10] === '0' };
}

/** All but the first line of a message, which is JSON. */
function bodyOf(data: Uint8Array): Uint8Array {
  return data.subarray(data.indexOf(NEWLINE) + 1);
}
