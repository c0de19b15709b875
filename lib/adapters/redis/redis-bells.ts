import type { Bell, BellListener } from '../store.js';
import type { RedisConnections } from './redis-connections.js';

/** Bells as messages: `s` stale, `c` changed, `a` appended, `e` an entry: position, the one before or -, tag, body. */
export class RedisBells {
  /** Listeners of this process by channel, to be rung by what this process itself appends. */
  readonly #local = new Map<string, Set<BellListener>>();

  constructor(private readonly connections: RedisConnections) {}

  async listen(channel: string, ring: BellListener): Promise<() => void> {
    let isOver = false;
    const hear = (bell: Bell) => {
      if (!isOver) ring(bell);
    };
    const subscriber = await this.connections.subscriber();
    const leave = await subscriber.subscribe(channel, {
      message: (text) => hear(parseBell(text)),
      gap: () => hear('stale'),
    });
    const local = this.#local.get(channel) ?? new Set();
    this.#local.set(channel, local.add(hear));
    return () => {
      if (isOver) return;
      isOver = true;
      leave();
      local.delete(hear);
      if (local.size === 0 && this.#local.get(channel) === local) this.#local.delete(channel);
    };
  }

  /** Rings here at once: the message comes as well, a little later. */
  ring(channel: string, bell: () => Bell): void {
    const local = this.#local.get(channel);
    if (local) for (const hear of [...local]) hear(bell());
  }

  close(): void {
    this.#local.clear();
  }
}

function parseBell(text: string): Bell {
  if (text === 'c') return 'changed';
  if (text === 'a') return 'appended';
  const [head, position, previous, tag] = /^e(\S+) (\S+) (\S+) /.exec(text) ?? [];
  if (head === undefined || position === undefined || tag === undefined) return 'stale';
  return {
    ...{ position, tag, body: text.slice(head.length) },
    previous: previous === '-' ? undefined : previous,
  };
}
