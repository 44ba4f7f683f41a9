import { build } from 'esbuild';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MusterError } from '../../../../src/platform/errors/errors';
import { handOver } from '../../../../src/platform/threads/threadContract';
import { threadProxy, type ThreadOptions } from '../../../../src/platform/threads/threadProxy';
import { type ScratchFolder, scratchFolder } from '../../../harness/scratchFolder';
import { until } from '../../../harness/until';
import type { CountingContract } from './countingContract';

let folder: ScratchFolder;
let file: string;
const closed = () => new MusterError('CANCELLED', 'the counter was closed');

beforeAll(async () => {
  folder = await scratchFolder();
  file = join(folder.path, 'countingWorker.js');
  await build({
    ...{ entryPoints: [join(import.meta.dirname, 'countingWorker.ts')], outfile: file },
    ...{ bundle: true, platform: 'node', target: 'node20', format: 'cjs' },
  });
});
afterAll(() => folder[Symbol.asyncDispose]());

function counter(options: Partial<ThreadOptions<CountingContract>> = {}) {
  const heard: (number | string)[] = [];
  const thread = threadProxy<CountingContract>({
    ...{ file, data: { start: 0 } },
    hears: { counted: (number) => heard.push(number), waiting: () => heard.push('waiting') },
    lost: (cause) => new MusterError('PROTOCOL', 'the counter was lost', { cause }),
    ...options,
  });
  return { thread, heard, [Symbol.asyncDispose]: () => thread.dispose(closed()) };
}

describe('A thread', () => {
  it('is called as if its methods were here, in the order of the calls', async () => {
    await using one = counter({ data: { start: 40 } });
    const { calls } = one.thread;
    expect(await Promise.all([calls.add(1), calls.add(1), calls.add(-2)])).toEqual([41, 42, 40]);
  });

  it('is told what it need not answer, and reports by itself, in order', async () => {
    for (const gathers of [false, true]) {
      await using one = counter({ gathers });
      one.thread.tells.count(3);
      one.thread.tells.add(10);
      one.thread.tells.count(2);
      expect(await one.thread.calls.add(0)).toBe(15);
      expect(one.heard).toEqual([1, 2, 3, 14, 15]);
    }
  });

  it('is handed bytes, and hands them back, without a copy', async () => {
    for (const gathers of [false, true]) {
      await using one = counter({ gathers });
      const bytes = new Uint8Array([7, 8]).buffer;
      const raised = one.thread.calls.raise(handOver(bytes, [bytes]));
      const back = await raised;
      expect(bytes.byteLength).toBe(0);
      expect([...new Uint8Array(back)]).toEqual([8, 8]);
    }
  });

  it('rejects with the error of the method: code, phase, hint and causes', async () => {
    await using one = counter();
    const error: unknown = await one.thread.calls.fail().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(MusterError);
    expect(error).toMatchObject({
      ...{ code: 'UNREACHABLE', message: 'db-1 is far', phase: 'connect', hint: 'Go there.' },
      cause: { message: 'no route', cause: { message: 'the cable is out' } },
    });
    expect(await one.thread.calls.add(1)).toBe(1);
  });

  it('rejects what is asked where its methods could not be made', async () => {
    await using one = counter({ data: { start: 0, fails: true } });
    for (const asked of [one.thread.calls.add(1), one.thread.calls.unsendable()])
      await expect(asked).rejects.toMatchObject({ code: 'FORMAT', hint: 'Write it again.' });
  });

  it('survives arguments and answers that cannot be sent', async () => {
    await using one = counter({ atOnce: 1 });
    await expect(one.thread.calls.unsendable()).rejects.toThrow('could not be cloned');
    await expect(one.thread.calls.add((() => {}) as never)).rejects.toThrow('could not be cloned');
    expect(await one.thread.calls.add(1)).toBe(1);
  });

  it('is told that a call was cancelled, and says how it ended', async () => {
    await using one = counter();
    const cancel = new AbortController();
    const waited = one.thread.calls.wait(cancel.signal);
    await until('the call is under way', () => one.heard.includes('waiting'));
    cancel.abort(new MusterError('CANCELLED', 'enough'));
    await expect(waited).rejects.toMatchObject({ code: 'TIMEOUT', message: 'heeded: enough' });
    await expect(one.thread.calls.wait(cancel.signal)).rejects.toMatchObject({ message: 'enough' });
    expect(one.heard).toEqual(['waiting']);
  });

  it('never begins what was cancelled before its turn, where one call is under way at a time', async () => {
    await using one = counter({ atOnce: 1 });
    const [first, second] = [new AbortController(), new AbortController()];
    const { calls } = one.thread;
    const answers = [calls.wait(first.signal), calls.wait(second.signal), calls.add(1)].map((call) =>
      call.catch(({ message }: MusterError) => message),
    );
    await until('the first is under way', () => one.heard.length > 0);
    second.abort(new MusterError('CANCELLED', 'not needed'));
    first.abort(new MusterError('CANCELLED', 'enough'));
    expect(await Promise.all(answers)).toEqual(['heeded: enough', 'not needed', 1]);
    expect(one.heard).toEqual(['waiting']);
  });

  it('that dies rejects what is under way, what waits and what is asked later, with what it threw', async () => {
    await using one = counter({ atOnce: 1 });
    const { calls } = one.thread;
    const lost = {
      code: 'PROTOCOL',
      message: 'the counter was lost',
      cause: { message: 'the thread has died' },
    };
    await Promise.all([calls.die(), calls.add(1)].map((call) => expect(call).rejects.toMatchObject(lost)));
    await expect(calls.add(1)).rejects.toMatchObject(lost);
    one.thread.tells.add(1);
  });

  it('that ends without a word rejects what is under way', async () => {
    await using one = counter();
    await expect(one.thread.calls.leave()).rejects.toMatchObject({
      message: 'the counter was lost',
    });
  });

  it('that cannot be started rejects what is asked', async () => {
    await using one = counter({ file: '/nowhere/worker.js' });
    await expect(one.thread.calls.add(1)).rejects.toMatchObject({ code: 'PROTOCOL' });
  });

  it('that is disposed has ended, and rejects what is under way with the reason', async () => {
    const { thread, heard } = counter();
    const waited = expect(thread.calls.wait(new AbortController().signal)).rejects.toMatchObject({
      code: 'CANCELLED',
      message: 'the counter was closed',
    });
    await until('the call is under way', () => heard.length > 0);
    await thread.dispose(closed());
    await waited;
    await expect(thread.calls.add(1)).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(thread.failure).toMatchObject({ code: 'CANCELLED' });
  });

  it('compiles only with every method of its contract', () => {
    const others = {} as Omit<CountingContract['methods'], 'add'>;
    // @ts-expect-error `add` is missing
    const lacking: CountingContract['methods'] = others;
    // @ts-expect-error an argument of another type
    const wrong = (thread: ReturnType<typeof counter>['thread']) => thread.calls.add('1');
    // @ts-expect-error a method that no thread has
    const unknown = (thread: ReturnType<typeof counter>['thread']) => thread.calls.subtract(1);
    expect([lacking, typeof wrong, typeof unknown]).toEqual([{}, 'function', 'function']);
  });
});
