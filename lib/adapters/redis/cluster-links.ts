import type { Cluster, Redis } from 'ioredis';
import { slotOf } from './channel-slot.js';
import { Deferred } from './deferred.js';
import type { OutageLog } from './outage-log.js';
import { openSubscriber } from './redis.clients.js';
import { SubscriberLink, type LinkEvents } from './subscriber-link.js';

/** How long to wait for the Cluster to know which node serves a channel. */
const SEARCH_MS = 100;

interface PlacedChannel {
  readonly acknowledged: Deferred<void>;
  node: string | undefined;
}

/**
 * The connections for messages of a Cluster. Sharded channels are received from the node that serves their slot, and
 * follow it when it moves; others all from one node, since each of them has every message.
 */
export class ClusterLinks {
  readonly #links = new Map<string, SubscriberLink>();
  readonly #channels = new Map<string, PlacedChannel>();
  readonly #onRefresh = () => this.#follow();
  #search: NodeJS.Timeout | undefined;

  constructor(
    private readonly cluster: Cluster,
    private readonly isSharded: boolean,
    private readonly events: LinkEvents,
    private readonly outages: OutageLog,
    private readonly heartbeatTimeoutMs: number,
  ) {
    cluster.on('refresh', this.#onRefresh);
  }

  add(channel: string): Promise<void> {
    const known = this.#channels.get(channel);
    if (known) return known.acknowledged.promise;
    const placed: PlacedChannel = { acknowledged: new Deferred(), node: undefined };
    this.#channels.set(channel, placed);
    this.#place(channel, placed);
    return placed.acknowledged.promise;
  }

  remove(channel: string): void {
    const placed = this.#channels.get(channel);
    this.#channels.delete(channel);
    if (placed?.node !== undefined) this.#links.get(placed.node)?.remove(channel);
  }

  connect(): void {
    for (const link of this.#links.values()) link.connect();
  }

  close(): void {
    clearTimeout(this.#search);
    this.cluster.off('refresh', this.#onRefresh);
    for (const link of this.#links.values()) link.close();
    this.#links.clear();
    this.#channels.clear();
  }

  #place(channel: string, placed: PlacedChannel): void {
    const node = this.#nodeFor(channel);
    const link = node === undefined ? undefined : this.#link(node);
    if (node === undefined || !link) return this.#searchSoon();
    const isMove = placed.node !== undefined;
    placed.node = node;
    link.add(channel).then(
      () => {
        placed.acknowledged.resolve();
        if (isMove) this.events.gap([channel]);
      },
      (error: Error) => {
        placed.acknowledged.reject(error);
        this.#channels.delete(channel);
      },
    );
  }

  /** Receives every channel from where it is served now, after the Cluster has changed. */
  #follow(): void {
    for (const [channel, placed] of this.#channels) {
      const node = this.#nodeFor(channel);
      if (node === undefined || node === placed.node) continue;
      if (placed.node !== undefined) this.#links.get(placed.node)?.remove(channel);
      this.#place(channel, placed);
    }
    const used = new Set([...this.#channels.values()].map(({ node }) => node));
    for (const [node, link] of this.#links) {
      if (used.has(node) || this.#master(node)) continue;
      link.close();
      this.#links.delete(node);
    }
  }

  #moved(channels: readonly string[]): void {
    for (const channel of channels) {
      const placed = this.#channels.get(channel);
      if (placed?.node !== undefined) this.#links.get(placed.node)?.remove(channel);
      // Not the same as never placed: messages may have been missed.
      if (placed) placed.node = '';
    }
    this.#searchSoon();
  }

  #searchSoon(): void {
    this.#search ??= setTimeout(() => {
      this.#search = undefined;
      this.cluster.refreshSlotsCache(() => this.#follow());
    }, SEARCH_MS).unref();
  }

  #link(node: string): SubscriberLink | undefined {
    const known = this.#links.get(node);
    const master = this.#master(node);
    if (known || !master) return known;
    const { isSharded, events, outages } = this;
    const own = { ...events, moved: (channels: readonly string[]) => this.#moved(channels) };
    const link = new SubscriberLink(openSubscriber(master), isSharded, own, outages, this.heartbeatTimeoutMs);
    this.#links.set(node, link);
    return link;
  }

  #nodeFor(channel: string): string | undefined {
    // Not public, but the same in every version: the nodes that serve a slot, the master first.
    if (this.isSharded) return (this.cluster as unknown as { slots: string[][] }).slots[slotOf(channel)]?.[0];
    const used = [...this.#links.keys()].find((node) => this.#master(node));
    return used ?? this.cluster.nodes('master').map(nameOf)[0];
  }

  #master(node: string): Redis | undefined {
    return this.cluster.nodes('master').find((master) => nameOf(master) === node);
  }
}

function nameOf({ options: { host, port } }: Redis): string {
  return `${host}:${port}`;
}
