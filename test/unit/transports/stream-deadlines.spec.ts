import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { StreamDeadlines } from '../../../lib/transports/streamable-http/http/open-streams.js';

beforeEach(() => void jest.useFakeTimers({ now: 0 }));
afterEach(() => void jest.useRealTimers());

const response = () => new EventEmitter() as ServerResponse;

it('ends each stream at its time and with one timer', () => {
  const deadlines = new StreamDeadlines();
  const ended: number[] = [];
  for (const deadline of [5000, 1000, 3000, 1000]) {
    const stream = response();
    deadlines.set(stream, { until: () => deadline });
    deadlines.watch(stream, () => ended.push(deadline));
    expect(jest.getTimerCount()).toBe(1);
  }
  jest.advanceTimersByTime(999);
  expect(ended).toEqual([]);
  jest.advanceTimersByTime(1);
  expect(ended).toEqual([1000, 1000]);
  jest.advanceTimersByTime(10_000);
  expect(ended).toEqual([1000, 1000, 3000, 5000]);
  expect(jest.getTimerCount()).toBe(0);
});

it('holds no timer for streams without a deadline, nor for those that have closed', () => {
  const deadlines = new StreamDeadlines();
  deadlines.watch(response(), () => {});
  expect(jest.getTimerCount()).toBe(0);
  const stream = response();
  deadlines.set(stream, { until: () => 1000 });
  deadlines.watch(stream, () => {
    throw new Error('It has closed');
  });
  stream.emit('close');
  expect(jest.getTimerCount()).toBe(0);
});

it('waits longer than a timer can, and not at all for what is over', () => {
  const deadlines = new StreamDeadlines();
  const ended: string[] = [];
  const far = response();
  deadlines.set(far, { until: () => 2 ** 32 });
  deadlines.watch(far, () => ended.push('far'));
  const past = response();
  deadlines.set(past, { until: () => -1 });
  deadlines.watch(past, () => ended.push('past'));
  expect(ended).toEqual([]);
  jest.advanceTimersByTime(0);
  expect(ended).toEqual(['past']);
  jest.advanceTimersByTime(2 ** 32 - 1);
  expect(ended).toEqual(['past']);
  jest.advanceTimersByTime(1);
  expect(ended).toEqual(['past', 'far']);
});

it('looks again where that can be done, and ends what is no longer good', async () => {
  const deadlines = new StreamDeadlines();
  const ended: string[] = [];
  const renewals = [3000, 5000, undefined];
  const stream = response();
  const renew = async () => renewals.shift();
  deadlines.set(stream, { until: () => 1000, renew });
  deadlines.watch(stream, () => ended.push('stream'));
  await jest.advanceTimersByTimeAsync(4999);
  expect([renewals.length, ended]).toEqual([1, []]);
  await jest.advanceTimersByTimeAsync(1);
  expect([renewals.length, ended]).toEqual([0, ['stream']]);
  expect(jest.getTimerCount()).toBe(0);
  expect(stream.listenerCount('close')).toBe(0);
});

it('ends nothing that has closed while it looked', async () => {
  const deadlines = new StreamDeadlines();
  const stream = Object.assign(response(), { destroyed: false });
  let found!: (until: number | undefined) => void;
  const renew = () => new Promise<number | undefined>((resolve) => (found = resolve));
  deadlines.set(stream, { until: () => 1000, renew });
  deadlines.watch(stream, () => {
    throw new Error('It has closed');
  });
  await jest.advanceTimersByTimeAsync(1000);
  stream.destroyed = true;
  stream.emit('close');
  found(undefined);
  await jest.advanceTimersByTimeAsync(10_000);
  expect(jest.getTimerCount()).toBe(0);
});
