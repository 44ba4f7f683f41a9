import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Deadline } from '../../../../src/platform/batch/deadline';
import { SharedAttempt } from '../../../../src/platform/transport/ssh/pool/sharedAttempt';
import { SharedQuestions } from '../../../../src/platform/host/sharedQuestions';

/** Work that ends when it is told to, or when it is aborted. */
function controlled(limitMs = 0) {
  let finish: (value: string) => void = () => {};
  const attempt = new SharedAttempt<string>(
    limitMs,
    (self) =>
      new Promise((resolve, reject) => {
        finish = resolve;
        self.onAbort(() => reject(self.reason!));
      }),
  );
  return { attempt, finish: (value: string) => finish(value) };
}

describe('a shared attempt', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
  afterEach(() => void vi.useRealTimers());

  it('gives its result to all who wait', async () => {
    const { attempt, finish } = controlled();
    const waiting = [attempt.join(new Deadline(0)), attempt.join(new Deadline(0))];
    await turn();
    finish('done');
    expect(await Promise.all(waiting)).toEqual(['done', 'done']);
  });

  it('goes on when one gives up, and is aborted when the last one does', async () => {
    const { attempt } = controlled();
    const [first, second] = [new AbortController(), new AbortController()];
    const impatient = attempt.join(new Deadline(0, first.signal));
    const patient = attempt.join(new Deadline(0, second.signal));
    await turn();
    first.abort();
    await expect(impatient).rejects.toMatchObject({ code: 'CANCELLED', phase: 'connect' });
    expect(attempt.reason).toBeUndefined();
    second.abort();
    await expect(patient).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(attempt.reason?.code).toBe('CANCELLED');
  });

  it('is aborted at once by a waiter that had given up before', async () => {
    const { attempt } = controlled();
    await expect(attempt.join(new Deadline(0, AbortSignal.abort()))).rejects.toMatchObject({
      code: 'CANCELLED',
    });
    await expect(attempt.result).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('ends with its own time', async () => {
    const { attempt } = controlled(20);
    const ended = expect(attempt.join(new Deadline(0))).rejects.toMatchObject({ code: 'TIMEOUT' });
    vi.advanceTimersByTime(20);
    await ended;
  });

  it('stops all clocks while a person is asked: its own, those of waiters, and of who comes later', async () => {
    const { attempt, finish } = controlled(40);
    // As a jump is waited for by the attempt behind it.
    const behind = controlled(40);
    const nested = behind.attempt.join(new Deadline(40));
    const through = attempt.join(behind.attempt);
    await turn();
    let answer: () => void = () => {};
    const asking = attempt.paused(() => new Promise<void>((resolve) => (answer = resolve)));
    const late = attempt.join(new Deadline(40));
    vi.advanceTimersByTime(150);
    await turn();
    answer();
    await asking;
    finish('done');
    expect(await Promise.all([through, late])).toEqual(['done', 'done']);
    behind.finish('behind');
    expect(await nested).toBe('behind');
  });
});

describe('a shared question', () => {
  it('is asked once for all who need it at the same time', async () => {
    const questions = new SharedQuestions<number>();
    let asked = 0;
    const ask = () => questions.ask('key', new AbortController().signal, async () => ++asked);
    expect(await Promise.all([ask(), ask()])).toEqual([1, 1]);
    expect(await ask()).toBe(2);
  });

  it('is withdrawn when nobody waits for the answer any more', async () => {
    const questions = new SharedQuestions<number>();
    const [first, second] = [new AbortController(), new AbortController()];
    let withdrawn = false;
    const question = (signal: AbortSignal) =>
      new Promise<number>(() => signal.addEventListener('abort', () => (withdrawn = true)));
    const answers = [first, second].map(({ signal }) => questions.ask('key', signal, question));
    first.abort();
    await expect(answers[0]).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(withdrawn).toBe(false);
    second.abort();
    await expect(answers[1]).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(withdrawn).toBe(true);
  });
});
