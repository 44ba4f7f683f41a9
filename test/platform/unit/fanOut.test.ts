import fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Deadline } from '../../../src/platform/batch/deadline';
import { MusterError } from '../../../src/platform/errors/errors';
import { batchSizes, fanOut, type FanOut, parseShare } from '../../../src/platform/batch/fanOut';

interface Outcome {
  target: number;
  state: 'ok' | 'failed' | 'skipped';
  error?: unknown;
}

function plan(
  count: number,
  work: (target: number, deadline: Deadline) => Promise<void>,
  more: Partial<FanOut<number, Outcome>> = {},
): FanOut<number, Outcome> {
  return {
    targets: Array.from({ length: count }, (_, index) => index),
    concurrency: 4,
    deadlineMs: () => 0,
    work: async (target, deadline) => {
      await work(target, deadline);
      return { target, state: 'ok' };
    },
    failed: (target, error) => ({ target, state: 'failed', error }),
    skipped: (target, error) => ({ target, state: 'skipped', error }),
    isFailure: ({ state }) => state === 'failed',
    ...more,
  };
}

/** Work that ends only when its deadline does, as a socket does. */
const hang = (_target: number, { signal }: Deadline) =>
  new Promise<void>((_resolve, reject) =>
    signal.addEventListener('abort', () => reject(signal.reason as Error)),
  );

const states = (outcomes: Outcome[]) => outcomes.map(({ state }) => state);

describe('fan-out', () => {
  it('keeps the order of the targets, whatever the order of ending', async () => {
    const ended: number[] = [];
    const ends: (() => void)[] = [];
    const running = fanOut(
      plan(8, (target) => new Promise((resolve) => (ends[target] = resolve)), {
        concurrency: 8,
        onResult: ({ target }) => ended.push(target),
      }),
    );
    for (const target of [7, 6, 5, 4, 3, 2, 1, 0]) ends[target]!();
    const results = await running;
    expect(results.map(({ target }) => target)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(ended).toEqual([7, 6, 5, 4, 3, 2, 1, 0]);
  });

  it('never has more than `concurrency` targets in flight', async () => {
    let inFlight = 0;
    let most = 0;
    await fanOut(
      plan(
        1_000,
        async () => {
          most = Math.max(most, ++inFlight);
          await new Promise((resolve) => setImmediate(resolve));
          inFlight--;
        },
        { concurrency: 50 },
      ),
    );
    expect(most).toBe(50);
    expect(inFlight).toBe(0);
  });

  it('gives a target that exceeds its deadline a TIMEOUT, and delays nobody else', async () => {
    const results = await fanOut(
      plan(20, (target, deadline) => (target % 10 === 0 ? hang(target, deadline) : Promise.resolve()), {
        deadlineMs: () => 40,
      }),
    );
    const failed = results.filter(({ state }) => state === 'failed');
    expect(failed.map(({ target }) => target)).toEqual([0, 10]);
    expect(failed.every(({ error }) => MusterError.is(error, 'TIMEOUT'))).toBe(true);
  });

  it('gives up on work that does not heed its deadline', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    onTestFinished(() => void vi.useRealTimers());
    const results = fanOut(plan(1, () => new Promise(() => {}), { deadlineMs: () => 10 }));
    await vi.runAllTimersAsync();
    expect((await results)[0]).toMatchObject({ state: 'failed', error: { code: 'TIMEOUT' } });
  });

  it('cancels what is in flight and skips what was not begun', async () => {
    const cancel = new AbortController();
    const running = fanOut(plan(10, hang, { signal: cancel.signal, concurrency: 3 }));
    cancel.abort();
    const results = await running;
    expect(states(results)).toEqual([...Array(3).fill('failed'), ...Array(7).fill('skipped')]);
    expect(results.every(({ error }) => MusterError.is(error, 'CANCELLED'))).toBe(true);
  });

  it('begins nothing when it was cancelled before', async () => {
    const results = await fanOut(plan(5, () => Promise.resolve(), { signal: AbortSignal.abort() }));
    expect(states(results)).toEqual(Array(5).fill('skipped'));
  });

  it('stops beginning targets when more than the tolerated number have failed', async () => {
    const fail = () => Promise.reject(new Error('sick'));
    const failFast = await fanOut(plan(10, fail, { concurrency: 1, maxFailures: { count: 0 } }));
    expect(states(failFast).filter((state) => state === 'failed')).toHaveLength(1);
    const aFifth = await fanOut(plan(10, fail, { concurrency: 1, maxFailures: { percent: 20 } }));
    expect(states(aFifth).filter((state) => state === 'failed')).toHaveLength(3);
  });

  it('starts a serial batch only when the one before has ended', async () => {
    const begun: number[][] = [];
    let open = 0;
    await fanOut(
      plan(
        10,
        async (target) => {
          if (open++ === 0) begun.push([]);
          begun.at(-1)!.push(target);
          await new Promise((resolve) => setImmediate(resolve));
          open--;
        },
        { concurrency: 10, serial: [{ count: 1 }, { percent: 30 }] },
      ),
    );
    expect(begun).toEqual([[0], [1, 2, 3], [4, 5, 6], [7, 8, 9]]);
  });

  it('leaves no timer and no listener behind', async () => {
    const cancel = new AbortController();
    await fanOut(plan(100, () => Promise.resolve(), { deadlineMs: () => 60_000, signal: cancel.signal }));
    expect(process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length).toBeLessThan(10);
  });
});

describe('serial batches', () => {
  it('cover every target once, whatever their sizes', () => {
    const share = fc.oneof(
      fc.record({ count: fc.integer({ min: 0, max: 50 }) }),
      fc.record({ percent: fc.integer({ min: 0, max: 100 }) }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 500 }), fc.array(share, { maxLength: 5 }), (total, serial) => {
        const sizes = batchSizes(total, serial);
        expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(total);
        expect(sizes.every((size) => size > 0)).toBe(true);
      }),
    );
  });

  it('are read from counts and percentages, and nothing else', () => {
    expect(parseShare('10', '--serial')).toEqual({ count: 10 });
    expect(parseShare('25%', '--serial')).toEqual({ percent: 25 });
    for (const bad of ['', '-1', '1.5', '101%', 'x', '5 %']) {
      expect(() => parseShare(bad, '--serial')).toThrow('--serial');
    }
  });
});

describe('what this machine has too little of', () => {
  const lack = () => new MusterError('LOCAL_LIMIT', 'as many files open as it may');

  it('is waited for: fewer are in flight, and every target comes to its result', async () => {
    let free = 5;
    let most = 0;
    const work = async () => {
      if (free === 0) throw lack();
      free--;
      most = Math.max(most, 5 - free);
      await new Promise((resolve) => setTimeout(resolve, 1));
      free++;
    };
    const results = await fanOut(plan(300, work, { concurrency: 100 }));
    expect(states(results)).toEqual(new Array(300).fill('ok'));
    expect(most).toBe(5);
  });

  it('leaves a target unjudged when it is not there until the deadline', async () => {
    const results = await fanOut(plan(3, () => Promise.reject(lack()), { deadlineMs: () => 20 }));
    expect(states(results)).toEqual(['skipped', 'skipped', 'skipped']);
    expect(results.every(({ error }) => MusterError.is(error, 'LOCAL_LIMIT'))).toBe(true);
  });

  it('keeps nobody from cancelling', async () => {
    const cancel = new AbortController();
    const work = () => {
      cancel.abort();
      return Promise.reject(lack());
    };
    const results = await fanOut(plan(3, work, { signal: cancel.signal }));
    expect(states(results)).toEqual(['skipped', 'skipped', 'skipped']);
  });
});
