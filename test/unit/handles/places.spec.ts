import { describe, expect, it } from '@jest/globals';
import { MemoryStore } from '../../../lib/adapters/in-memory/memory-store.js';
import type { Store } from '../../../lib/adapters/store.js';
import { Handles } from '../../../lib/handles/handles.js';
import { WrappedStore } from '../../contract/faulty-store.js';

const ADA = { principal: { subject: 'ada' }, http: undefined };
const TTL = { ttlMs: 60_000 };

/** Refuses long values, as a store with a limit of its own does. */
class SmallStore extends WrappedStore {
  override async write(...args: Parameters<Store['write']>) {
    if (JSON.stringify(args[1]).length > 1_000) throw new RangeError('A message would be too long');
    return super.write(...args);
  }
}

/** Has something happen right after a handle was read. */
class RacedStore extends WrappedStore {
  onRead = async () => {};

  override async read(...args: Parameters<Store['read']>) {
    const record = await super.read(...args);
    if (args[0].name === 'handle') await this.onRead();
    return record;
  }
}

function cartsOf(store: Store, handlesPerPrincipal = 2) {
  return new Handles(store, 'server', { handlesPerPrincipal, handleBytes: 100_000 }, {}).of('cart', ADA);
}

describe('the places of a caller for handles', () => {
  it('are not taken by values that the store refused', async () => {
    const carts = cartsOf(new SmallStore(new MemoryStore()));
    for (let n = 0; n < 3; n++) {
      await expect(carts.create('x'.repeat(2_000))).rejects.toThrow('too long');
    }
    await carts.create('a');
    const second = await carts.create('b');
    await expect(carts.create('c')).rejects.toThrow('There are 2 open handles already');
    await carts.delete(second);
    await expect(carts.create('d')).resolves.toMatch(/^cart_/);
  });

  it.each([undefined, TTL])(
    'are not taken by what is removed while it is updated with %j',
    async (options) => {
      const store = new RacedStore(new MemoryStore());
      const carts = cartsOf(store);
      for (let n = 0; n < 3; n++) {
        const id = await carts.create(n);
        store.onRead = async () => void (await carts.delete(id));
        await expect(carts.update(id, (value) => value, options)).rejects.toMatchObject({ fault: 'unknown' });
      }
      store.onRead = async () => {};
      await Promise.all([carts.create('a'), carts.create('b')]);
      await expect(carts.create('c')).rejects.toMatchObject({ fault: 'too_many' });
    },
  );
});
