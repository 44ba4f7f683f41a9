import { describe, expect, it } from 'vitest';
import { PacedQueue } from '../../../../src/features/testExplorer/editor/pacedQueue';

const spin = (ms: number) => {
  const until = performance.now() + ms;
  while (performance.now() < until);
};

describe('A paced queue', () => {
  it('does its work in order, what is added meanwhile too', async () => {
    const done: number[] = [];
    const queue = new PacedQueue<number>(
      (item) => {
        done.push(item);
        if (item === 1) queue.add(4);
      },
      () => {},
    );
    for (const item of [1, 2, 3]) queue.add(item);
    await queue.idle();
    expect(done).toEqual([1, 2, 3, 4]);
  });

  it('lets others have their turn', async () => {
    const queue = new PacedQueue<number>(
      () => spin(5),
      () => {},
    );
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    for (let item = 0; item < 20; item++) queue.add(item);
    await queue.idle();
    clearInterval(timer);
    expect(turns).toBeGreaterThan(3);
  });

  it('goes on after a failure, and tells it', async () => {
    const failures: unknown[] = [];
    const done: number[] = [];
    const queue = new PacedQueue<number>(
      (item) => {
        if (item === 1) throw new Error('no');
        done.push(item);
      },
      (error) => failures.push(error),
    );
    queue.add(1);
    queue.add(2);
    await queue.idle();
    expect([done, failures.length]).toEqual([[2], 1]);
  });
});
