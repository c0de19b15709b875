import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { SessionClient } from '../../support/session-client.js';
import { createPoster, legacy } from '../../support/http.js';
import { command, fresh, statsOf, textOf, until } from '../support.js';
import { startBed, type Bed, type Instance } from './bed.js';

it('no process of a bed outlives the one that started it, however that ends', async () => {
  const loader = join(import.meta.dirname, '../typescript.mjs');
  const program = join(import.meta.dirname, 'short-lived.ts');
  const child = spawn(process.execPath, ['--import', loader, program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [output] = (await once(child.stdout, 'data')) as [Buffer];
  const pids = JSON.parse(output.toString()) as number[];
  expect(pids).toHaveLength(3);
  expect(pids.filter(isRunning)).toEqual(pids);
  child.kill('SIGKILL');
  await until(() => !pids.some(isRunning), 'all processes are gone');
});

describe('the proxy', () => {
  let bed: Bed;
  let a: Instance;
  let b: Instance;
  beforeAll(async () => {
    bed = await startBed();
    [a, b] = bed.instances as [Instance, Instance];
  });
  afterAll(() => bed?.close());

  const where = async () => Number((await client.call('where')).headers.get('x-instance'));
  let client: SessionClient;
  beforeAll(async () => {
    client = await SessionClient.open(bed);
  });

  it('sends each request to the next instance, and passes over one that is gone', async () => {
    const turns = [await where(), await where(), await where(), await where()];
    expect(turns.filter((turn) => turn === 0)).toHaveLength(2);
    expect(turns[0]).toBe(turns[2]);
    await a.kill('SIGKILL');
    expect([await where(), await where(), await where()]).toEqual([1, 1, 1]);
    await b.kill('SIGKILL');
    expect((await createPoster(bed.url)(legacy('ping'))).status).toBe(503);
    await Promise.all([a.start(), b.start()]);
    expect(new Set([await where(), await where()])).toEqual(new Set([0, 1]));
  });

  it('lets the server know when a client leaves, and a client when the server does', async () => {
    bed.proxy.prefer(0);
    const leaving = client.begin(
      'stream',
      { key: fresh('leaving'), count: 10_000, paceMs: 10 },
      { progressToken: 1 },
    );
    await leaving.message(({ params }) => params?.progress === 2);
    const open = (await statsOf(a))['streams'];
    leaving.cut();
    await until(async () => (await statsOf(a))['streams'] === (open ?? 0) - 1, 'a stream less');
    const left = client.begin(
      'stream',
      { key: fresh('left'), count: 10_000, paceMs: 10 },
      { progressToken: 1 },
    );
    await left.message(({ params }) => params?.progress === 2);
    await a.kill('SIGKILL');
    await left.closed;
    expect(left.isComplete).toBe(false);
    bed.proxy.prefer();
    await a.start();
  });

  it('holds nothing back', async () => {
    const call = client.begin('wait', { key: fresh('wait'), ms: 200 }, { progressToken: 1 });
    await call.message(({ method }) => method === 'notifications/progress');
    expect(call.isComplete).toBe(false);
    expect(textOf(await call.message((message) => 'result' in message))).toContain('finished');
    expect(await command(b, 'where')).toContain('instance 1');
  });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
