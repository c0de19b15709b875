import { createHash } from 'node:crypto';
import type { RequestId } from '../../protocol/json-rpc.js';
import type { StoreKey } from '../store.js';

/** Of what the adapters keep. Part of every key, so that two formats do not meet. */
const FORMAT = 1;

/** Characters of the hash of a server's name: enough for the servers of one store. */
const SERVER_CHARACTERS = 10;

/** Name of the record of a session in its scope. */
const SESSION = 'session';

/** The names of all records of one server. Ids reach them as they are where that is safe and short, and hashed else. */
export class StoreKeys {
  readonly #server: string;

  constructor(server = '') {
    this.#server = hash(server).slice(0, SERVER_CHARACTERS);
  }

  /** Facts, state and events of a session. */
  session(id: string): StoreKey {
    return { scope: this.#scope('s', id), name: SESSION, hasLog: true };
  }

  /** Messages to an instance. Also its lease. */
  inbox(instance: string): StoreKey {
    return { scope: this.#scope('i', instance), name: 'inbox', hasLog: true };
  }

  /** A question of an instance that waits for its answer, in the scope of its inbox. */
  marker(instance: string, token: string): StoreKey {
    return { scope: this.#scope('i', instance), name: `q${partOf(token)}`, hasLog: false };
  }

  /** Where a question was asked. */
  pointer(sessionId: string | undefined, requestId: RequestId): StoreKey {
    const question = JSON.stringify([sessionId ?? null, requestId]);
    return { scope: this.#scope('p', question), name: 'asked', hasLog: false };
  }

  /** A sign of life that an instance gives under a name of its choice. */
  alive(instance: string): StoreKey {
    return { scope: this.#scope('a', instance), name: 'alive', hasLog: false };
  }

  /** A value that is named by an explicit id. `handle` says whose it is, too. */
  handle(handle: string): StoreKey {
    return { scope: this.#scope('h', handle), name: 'handle', hasLog: false };
  }

  /** Names of the handles that a caller has. */
  handlesOf(caller: string): StoreKey {
    return { scope: this.#scope('o', caller), name: 'handles', hasLog: false };
  }

  /** A task. With a log that stays empty, for the bell that comes with it. */
  task(id: string): StoreKey {
    return { scope: this.#scope('t', id), name: 'task', hasLog: true };
  }

  /** Names of the open tasks that a caller has handed over. */
  tasksOf(caller: string): StoreKey {
    return { scope: this.#scope('w', caller), name: 'counted', hasLog: false };
  }

  /** A list of tasks that one instance owns. */
  taskList(id: string): StoreKey {
    return { scope: this.#scope('l', id), name: 'tasks', hasLog: false };
  }

  /** All lists of tasks, and who owned them last. */
  taskLists(): StoreKey {
    return { scope: this.#scope('d', ''), name: 'lists', hasLog: false };
  }

  /** Place in the bus up to which a consumer is done. */
  busCursor(consumer: string): StoreKey {
    return { scope: this.#scope('c', consumer), name: 'cursor', hasLog: false };
  }

  /** Log of the messages of instances to all others. */
  bus(): StoreKey {
    return { scope: this.#scope('b', ''), name: 'bus', hasLog: true };
  }

  #scope(kind: string, id: string): string {
    return `${FORMAT}${kind}-${this.#server}-${partOf(id)}`;
  }
}

/** Checks whether a record is one of a session. Stores may treat their logs otherwise than messages between instances. */
export function isSession({ name }: StoreKey): boolean {
  return name === SESSION;
}

/** Part of a key that stands for this id and no other one. */
export function partOf(id: string): string {
  return /^[A-Za-z0-9_-]{1,43}$/.test(id) ? `i${id}` : `h${hash(id)}`;
}

/** JSON first: it writes halves of surrogate pairs out, which have no UTF-8 form of their own. */
function hash(text: string): string {
  return createHash('sha256').update(JSON.stringify(text)).digest('base64url');
}
