import { setImmediate as turn } from 'node:timers/promises';
import type { MemoryStoreData } from '../../lib/adapters/in-memory/memory-store.js';
import { MemoryStore } from '../../lib/adapters/in-memory/memory-store.js';
import type {
  AppendOptions,
  Bell,
  BellListener,
  LogEntry,
  LogPosition,
  LogSlice,
  StoredRecord,
  StoreFields,
  StoreKey,
  StoreWriteOptions,
} from '../../lib/adapters/store.js';
import type { Faults } from './broken-adapters.js';

type Only = readonly string[];

/** Timers that a broken store leaves behind, for the test to clear. */
export const leakedByStores: NodeJS.Timeout[] = [];

export const storeFaults: Faults<MemoryStoreData, MemoryStore> = {
  'looks and writes in two steps': {
    adapter: class extends MemoryStore {
      override async write(key: StoreKey, fields: StoreFields, options: StoreWriteOptions) {
        const { ifVersion, ttlMs } = options;
        if (ifVersion === undefined) return super.write(key, fields, options);
        const old = await this.read(key);
        await turn();
        if (old?.version !== (ifVersion ?? undefined)) return undefined;
        if (old) await this.assign(key, fields);
        return old ? (await this.read(key))?.version : super.write(key, fields, { ttlMs });
      }
    },
    caughtBy: [
      'lets exactly one write a record that is not there',
      'lets exactly one change a version, and keeps the log',
    ],
  },

  'merges fields in two steps': {
    adapter: class extends MemoryStore {
      override async assign(key: StoreKey, patch: Readonly<Record<string, string | null>>) {
        const old = await this.read(key);
        await turn();
        if (!old) return undefined;
        const merged = Object.entries({ ...old.fields, ...patch }).filter(([, value]) => value !== null);
        return super.assign(key, Object.fromEntries(merged));
      }
    },
    caughtBy: ['assigns fields one by one, whoever else does'],
  },

  'forgets the log with a change of the fields': {
    adapter: class extends MemoryStore {
      override async write(key: StoreKey, fields: StoreFields, options: StoreWriteOptions) {
        const { ifVersion, ttlMs } = options;
        if (typeof ifVersion !== 'string') return super.write(key, fields, options);
        const old = await this.read(key);
        return old?.version === ifVersion ? super.write(key, fields, { ttlMs }) : undefined;
      }
    },
    caughtBy: ['lets exactly one change a version, and keeps the log', 'begins a new life with a write'],
  },

  'keeps the log of a record that is replaced': {
    adapter: class extends MemoryStore {
      override async write(key: StoreKey, fields: StoreFields, options: StoreWriteOptions) {
        const old = await this.read(key);
        if (options.ifVersion !== undefined || !old) return super.write(key, fields, options);
        return super.write(key, fields, { ...options, ifVersion: old.version });
      }
    },
    caughtBy: [
      'replaces a record with its fields and its log',
      'shows a reader that its place is of a log that is gone',
    ],
  },

  'removes a record whatever its version is': {
    adapter: class extends MemoryStore {
      override remove(key: StoreKey) {
        return super.remove(key);
      }
    },
    caughtBy: [
      'leaves a newer record alone when an older one is removed late',
      'has no version twice, also after a removal',
    ],
  },

  'gives a removed record to several': {
    adapter: class extends MemoryStore {
      override async remove(key: StoreKey, options?: { readonly ifVersion?: string }) {
        const found = await this.read(key);
        await turn();
        return (await super.remove(key, options)) ?? found?.fields;
      }
    },
    caughtBy: ['gives a removed record to exactly one'],
  },

  'counts the versions of each record': {
    adapter: class extends MemoryStore {
      override async write(key: StoreKey, fields: StoreFields, options: StoreWriteOptions) {
        const isRight =
          typeof options.ifVersion !== 'string' || (await this.read(key))?.version === options.ifVersion;
        const old = options.ifVersion === null ? await super.read(key) : undefined;
        if (!isRight || old) return undefined;
        return (await super.write(key, fields, { ttlMs: options.ttlMs })) && '1';
      }
      override async read(key: StoreKey, only?: Only): Promise<StoredRecord | undefined> {
        const found = await super.read(key, only);
        return found && { ...found, version: '1' };
      }
    },
    caughtBy: ['has no version twice, also after a removal'],
  },

  'reads all fields, whichever are asked for': {
    adapter: class extends MemoryStore {
      override read(key: StoreKey) {
        return super.read(key);
      }
    },
    caughtBy: ['reads the fields that are asked for, and those that are there'],
  },

  'puts field names into a plain object one by one': {
    adapter: class extends MemoryStore {
      override async read(key: StoreKey, only?: Only): Promise<StoredRecord | undefined> {
        const found = await super.read(key, only);
        const fields: Record<string, string> = {};
        for (const [name, value] of Object.entries(found?.fields ?? {})) fields[name] = value;
        return found && { ...found, fields };
      }
    },
    caughtBy: [
      'gives a record to every instance, as it was written',
      'assigns fields one by one, whoever else does',
    ],
  },

  'joins scope and name to one key': {
    adapter: class extends MemoryStore {
      override read(key: StoreKey, only?: Only) {
        return super.read(joined(key), only);
      }
      override write(key: StoreKey, fields: StoreFields, options: StoreWriteOptions) {
        return super.write(joined(key), fields, options);
      }
    },
    caughtBy: ['keeps records apart whatever their keys are'],
  },

  'lets a record live on when it is read': {
    adapter: class extends MemoryStore {
      override async read(key: StoreKey, only?: Only) {
        await super.touch(key, 60_000);
        return super.read(key, only);
      }
    },
    caughtBy: ['ends a record when its time is over, for every method', 'begins a new life with a write'],
  },

  'knows no time': {
    adapter: class extends MemoryStore {
      override async read(key: StoreKey, only?: Only): Promise<StoredRecord | undefined> {
        const found = await super.read(key, only);
        return found && { ...found, remainingMs: 60_000 };
      }
    },
    caughtBy: ['measures how long a record lives'],
  },

  'renews with every append': {
    adapter: class extends MemoryStore {
      override append(key: StoreKey, tag: string, body: string, options: AppendOptions) {
        return super.append(key, tag, body, { ...options, renew: true });
      }
    },
    caughtBy: ['does not let a record live on by what is appended, unless that is wanted'],
  },

  'renews with no append': {
    adapter: class extends MemoryStore {
      override append(key: StoreKey, tag: string, body: string, options: AppendOptions) {
        return super.append(key, tag, body, { ...options, renew: false });
      }
    },
    caughtBy: ['does not let a record live on by what is appended, unless that is wanted'],
  },

  'appends again what is repeated': {
    adapter: class extends MemoryStore {
      override append(key: StoreKey, tag: string, body: string, options: AppendOptions) {
        return super.append(key, tag, body, { ...options, isRepeat: false });
      }
    },
    caughtBy: ['appends once what is repeated'],
  },

  'consumes in a second step': {
    adapter: class extends MemoryStore {
      override async append(
        key: StoreKey,
        tag: string,
        body: string,
        { consume, ...options }: AppendOptions,
      ) {
        if (consume && !(await this.read(consume))) return 'gone' as const;
        await turn();
        const appended = await super.append(key, tag, body, options);
        if (consume && typeof appended === 'object') await this.remove(consume);
        return appended;
      }
    },
    caughtBy: ['appends nothing without what is to be consumed'],
  },

  'consumes before it looks for room': {
    adapter: class extends MemoryStore {
      override async append(
        key: StoreKey,
        tag: string,
        body: string,
        { consume, ...options }: AppendOptions,
      ) {
        if (consume && !options.isRepeat && !(await this.remove(consume))) return 'gone' as const;
        return super.append(key, tag, body, options);
      }
    },
    caughtBy: ['refuses when there is no more room, until something was trimmed'],
  },

  'keeps everything': {
    adapter: class extends MemoryStore {
      override append(key: StoreKey, tag: string, body: string, options: AppendOptions) {
        const limits = { ...options.limits, maxEntries: Infinity, maxBytes: Infinity };
        return super.append(key, tag, body, { ...options, limits });
      }
    },
    caughtBy: [
      'drops the oldest when there is no more room, so that a reader notices',
      'counts bytes, not characters',
    ],
  },

  'drops the oldest, whosever it is': {
    adapter: class extends MemoryStore {
      override async append(key: StoreKey, tag: string, body: string, options: AppendOptions) {
        const order = (orders.get(this.ofAll) ?? orders.set(this.ofAll, []).get(this.ofAll)) as Ordered[];
        const appended = await super.append(key, tag, body, options);
        if (typeof appended === 'object') order.push({ tag, position: appended.position });
        while (order.length > options.limits.maxEntries) {
          const oldest = order.shift() as Ordered;
          await this.trim(key, oldest.tag, oldest.position);
        }
        return appended;
      }
      private get ofAll(): MemoryStoreData {
        return (this as unknown as { readonly data: MemoryStoreData }).data;
      }
    },
    caughtBy: [
      'keeps a quiet stream beside a chatty one',
      'keeps the newest of each of several streams before the older of others',
    ],
  },

  'knows a tail as long as its entry': {
    adapter: class extends MemoryStore {
      override async entries(key: StoreKey, tag: string, after: LogPosition | undefined, limit: number) {
        const all = await super.entries(key, tag, undefined, Infinity);
        const found = await super.entries(key, tag, after, limit);
        return found && { ...found, tail: all?.entries.at(-1)?.position };
      }
    },
    caughtBy: ['trims what was handled, and goes on'],
  },

  'names what was before in the log, of whichever stream': {
    adapter: class extends MemoryStore {
      override async entries(key: StoreKey, tag: string, after: LogPosition | undefined, limit: number) {
        const found = await super.entries(key, tag, after, limit);
        return found && { ...found, entries: found.entries.map(withNumberBefore) };
      }
    },
    caughtBy: ['gives entries positions that name the one before', 'reads what follows a position, in parts'],
  },

  'claims to have read all': {
    adapter: class extends MemoryStore {
      override async entries(key: StoreKey, tag: string, after: LogPosition | undefined, limit: number) {
        const found = await super.entries(key, tag, after, limit);
        return found && { ...found, isAll: true };
      }
    },
    caughtBy: ['reads what follows a position, in parts'],
  },

  'reads the position it was given again': {
    adapter: class extends MemoryStore {
      override async entries(key: StoreKey, tag: string, after: LogPosition | undefined, limit: number) {
        const before = after === undefined ? undefined : `${Number.parseInt(after, 10) - 1}.x`;
        return super.entries(key, tag, before, limit);
      }
    },
    caughtBy: ['reads what follows a position, in parts', 'trims what was handled, and goes on'],
  },

  'trims all streams': {
    adapter: class extends MemoryStore {
      override async trim(key: StoreKey, tag: string, upTo: LogPosition) {
        for (const each of [tag, 'other', 'tag']) await super.trim(key, each, upTo);
      }
    },
    caughtBy: ['trims what was handled, and goes on'],
  },

  'is deaf': {
    adapter: class extends MemoryStore {
      override async listen() {
        return () => {};
      }
    },
    caughtBy: [
      'rings at every instance for what is appended',
      'rings for removals, replacements and changes',
      'appends to those who listen',
    ],
  },

  'rings for entries only': {
    adapter: class extends MemoryStore {
      override listen(key: StoreKey, ring: BellListener) {
        return super.listen(key, (bell) => typeof bell === 'object' && ring(bell));
      }
    },
    caughtBy: ['rings for removals, replacements and changes'],
  },

  'rings before the entry is in the log': {
    adapter: class extends MemoryStore {
      override async entries(...args: Parameters<MemoryStore['entries']>): Promise<LogSlice | undefined> {
        const found = await super.entries(...args);
        const hidden = young.get(this);
        return found && { ...found, entries: found.entries.filter(({ position }) => position !== hidden) };
      }
      override listen(key: StoreKey, ring: BellListener) {
        return super.listen(key, (bell) => {
          if (typeof bell === 'object') young.set(this, bell.position);
          ring(bell);
        });
      }
    },
    caughtBy: ['has in the log what it rings for'],
  },

  'says nothing right in its bells': {
    adapter: class extends MemoryStore {
      override listen(key: StoreKey, ring: BellListener) {
        return super.listen(key, (bell) =>
          ring(typeof bell === 'object' ? { ...bell, previous: '1.x' } : bell),
        );
      }
    },
    caughtBy: ['rings at every instance for what is appended'],
  },

  'rings for all keys of a scope': {
    adapter: class extends MemoryStore {
      override append(key: StoreKey, tag: string, body: string, options: AppendOptions) {
        const ring = (bell: Bell) => everybody.forEach((each) => each(bell));
        ring({ position: '1.x', previous: undefined, body, tag });
        return super.append(key, tag, body, options);
      }
      override async listen(key: StoreKey, ring: BellListener) {
        everybody.add(ring);
        const stop = await super.listen(key, ring);
        return () => {
          everybody.delete(ring);
          stop();
        };
      }
    },
    caughtBy: ['rings for a key that has no record yet, and for no other key'],
  },

  'goes on ringing': {
    adapter: class extends MemoryStore {
      override async listen(key: StoreKey, ring: BellListener) {
        await super.listen(key, ring);
        return () => {};
      }
    },
    caughtBy: ['rings no more once it was told so, and goes on for others'],
  },

  'rings each function once': {
    adapter: class extends MemoryStore {
      override listen(key: StoreKey, ring: BellListener) {
        const known = stops.get(ring);
        const stop = known ?? super.listen(key, ring);
        stops.set(ring, stop);
        return stop;
      }
    },
    caughtBy: ['has a listener as often as it was added'],
  },

  'leaves a timer for each listener': {
    adapter: class extends MemoryStore {
      override listen(key: StoreKey, ring: BellListener) {
        leakedByStores.push(setInterval(() => ring('stale'), 600_000));
        return super.listen(key, ring);
      }
    },
    caughtBy: ['leaves nothing running when nobody listens any more'],
  },

  'cannot be pinged': {
    adapter: class extends MemoryStore {
      override ping(): Promise<void> {
        return Promise.reject(new Error('The store cannot be reached'));
      }
    },
    caughtBy: ['answers a ping, and closes alone'],
  },
};

interface Ordered {
  readonly tag: string;
  readonly position: LogPosition;
}

const orders = new WeakMap<MemoryStoreData, Ordered[]>();
const young = new WeakMap<MemoryStore, LogPosition>();
const everybody = new Set<BellListener>();
const stops = new Map<BellListener, Promise<() => void>>();

function joined({ scope, name, hasLog }: StoreKey): StoreKey {
  return { scope: '', name: `${scope}-${name}`, hasLog };
}

function withNumberBefore(entry: LogEntry): LogEntry {
  return { ...entry, previous: `${Number.parseInt(entry.position, 10) - 1}.x` };
}
