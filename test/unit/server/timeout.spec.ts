import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Cancellation } from '../../../lib/calls/cancellation.js';
import { runWithTimeout, TimeoutError } from '../../../lib/calls/timeout.js';

const never = new Promise<never>(() => {});

describe('runWithTimeout', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('starts no timer without a limit', async () => {
    const work = runWithTimeout(undefined, new Cancellation(), async () => 'done');
    expect(jest.getTimerCount()).toBe(0);
    expect(await work).toBe('done');
  });

  it('clears its timer when the work is done, or fails', async () => {
    expect(await runWithTimeout(10, new Cancellation(), async () => 'done')).toBe('done');
    await expect(
      runWithTimeout(10, new Cancellation(), () => Promise.reject(new Error('no'))),
    ).rejects.toThrow('no');
    expect(jest.getTimerCount()).toBe(0);
  });

  it('cancels the work and rejects when the time is over', async () => {
    const cancellation = new Cancellation();
    const work = runWithTimeout(10, cancellation, () => never);
    const rejected = expect(work).rejects.toThrow(new TimeoutError('timed out after 10 ms'));
    jest.advanceTimersByTime(9);
    expect(cancellation.isCancelled).toBe(false);
    jest.advanceTimersByTime(1);
    expect(cancellation.isCancelled).toBe(true);
    await rejected;
  });

  it('rejects with the timeout even if the work rejects as soon as it is cancelled', async () => {
    const cancellation = new Cancellation();
    const work = new Promise<never>((_, reject) => {
      cancellation.signal.addEventListener('abort', () => reject(new Error('stopped')));
    });
    const outcome = expect(runWithTimeout(10, cancellation, () => work)).rejects.toBeInstanceOf(TimeoutError);
    jest.advanceTimersByTime(10);
    await outcome;
  });
});

describe('Cancellation', () => {
  it('aborts a signal taken before or after it', () => {
    const cancellation = new Cancellation();
    const { signal } = cancellation;
    cancellation.cancel('first');
    cancellation.cancel('second');
    expect(cancellation.signal).toBe(signal);
    expect(signal.aborted).toBe(true);
    expect(signal.reason).toMatchObject({ name: 'AbortError', message: 'first' });

    const late = new Cancellation();
    late.cancel('early');
    expect(late.signal.aborted).toBe(true);
    expect(late.signal.reason).toMatchObject({ message: 'early' });
  });
});
