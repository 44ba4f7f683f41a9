import { MessageChannel } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Deadline } from '../../../src/platform/batch/deadline';

const aborted = (signal: AbortSignal) =>
  new Promise<unknown>((resolve) => signal.addEventListener('abort', () => resolve(signal.reason)));

describe('a deadline', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
  afterEach(() => void vi.useRealTimers());

  it('aborts with a TIMEOUT that names the limit', async () => {
    const deadline = new Deadline(5);
    vi.advanceTimersByTime(5);
    expect(await aborted(deadline.signal)).toMatchObject({
      code: 'TIMEOUT',
      message: 'no result within 5 ms',
    });
  });

  it('names a limit of seconds in seconds', async () => {
    const deadline = new Deadline(1000);
    vi.advanceTimersByTime(1000);
    expect(await aborted(deadline.signal)).toMatchObject({ message: 'no result within 1 s' });
  });

  it('hears first what has arrived while this process was busy', async () => {
    vi.useRealTimers();
    const [here, there] = [new MessageChannel(), new Deadline(20)];
    const heard = new Promise<string>((resolve) => {
      here.port1.on('message', () => resolve('message'));
      there.onAbort(() => resolve('deadline'));
    });
    here.port2.postMessage('');
    const startedAt = performance.now();
    while (performance.now() - startedAt < 40);
    expect(await heard).toBe('message');
    here.port1.close();
    there.dispose();
  });

  it('stands still while it is paused, and pauses nest', async () => {
    const deadline = new Deadline(20);
    const resumeFirst = deadline.pause();
    const resumeSecond = deadline.pause();
    resumeFirst();
    resumeFirst();
    vi.advanceTimersByTime(60);
    await new Promise((resolve) => setImmediate(resolve));
    expect(deadline.signal.aborted).toBe(false);
    resumeSecond();
    vi.advanceTimersByTime(20);
    expect(await aborted(deadline.signal)).toMatchObject({ code: 'TIMEOUT' });
  });

  it('is cancelled with the batch, also when the batch was cancelled before', () => {
    const batch = new AbortController();
    const deadline = new Deadline(0, batch.signal);
    batch.abort();
    expect(deadline.signal.reason).toMatchObject({ code: 'CANCELLED' });
    expect(new Deadline(1000, batch.signal).signal.aborted).toBe(true);
  });

  it('hears no more of the batch once it is disposed', () => {
    const batch = new AbortController();
    const deadline = new Deadline(0, batch.signal);
    deadline.dispose();
    batch.abort();
    expect(deadline.signal.aborted).toBe(false);
  });
});
