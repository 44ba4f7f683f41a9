import { dirname, join } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import { describe, expect, inject, it } from 'vitest';
import { ProfileThread } from '../../../../src/features/profiles/core/profileThread';

const file = join(dirname(inject('cli')), 'profile.worker.js');
const thread = (content: string | Uint8Array, name = 'cpu.folded') =>
  new ProfileThread(file, { name, content });
const folded = Buffer.from('main;query 60\nmain;render 40\n');
const of = async <Result>(one: ProfileThread, use: (one: ProfileThread) => Promise<Result>) => {
  try {
    return await use(one);
  } finally {
    await one.dispose();
  }
};

describe('The thread of a profile', () => {
  it('reads it once and answers one order after the other', async () => {
    await of(thread(folded), async (profile) => {
      const [summary, top, path] = await Promise.all([
        profile.ask('summary', undefined),
        profile.ask('hotFunctions', { limit: 1 }),
        profile.ask('criticalPath', { valueType: 0 }),
      ]);
      expect(summary).toMatchObject({ format: 'folded', frames: 3, stacks: 3, defaultValueType: 0 });
      expect(summary.valueTypes).toEqual([{ name: 'samples', unit: 'count', total: 100, whole: 100 }]);
      expect(top).toMatchObject({ total: 100, count: 3, functions: [{ name: 'query', self: 60 }] });
      expect(path.map(({ name }) => name)).toEqual(['main', 'query']);
    });
  });

  it('tells everyone who asks why a file cannot be read', async () => {
    await of(thread(Buffer.from('nothing'), 'x.pprof'), async (profile) => {
      for (const order of ['summary', 'criticalPath'] as const)
        await expect(profile.ask(order, {} as never)).rejects.toMatchObject({
          code: 'FORMAT',
          message: 'x.pprof: the file is of no known format',
        });
    });
    await of(thread('/nowhere/x.pprof'), async (profile) => {
      await expect(profile.ask('summary', undefined)).rejects.toThrow('no such file');
    });
  });

  it('leaves out what is cancelled before its turn, and goes on', async () => {
    await of(thread(folded), async (profile) => {
      const cancel = new AbortController();
      const first = profile.ask('summary', undefined, cancel.signal);
      const second = profile.ask('criticalPath', {}, cancel.signal);
      cancel.abort();
      await expect(first).rejects.toMatchObject({ code: 'CANCELLED' });
      await expect(second).rejects.toMatchObject({ code: 'CANCELLED' });
      await expect(profile.ask('summary', undefined, cancel.signal)).rejects.toMatchObject({
        code: 'CANCELLED',
      });
      expect(await profile.ask('hotFunctions', { limit: 9 })).toMatchObject({ count: 3 });
    });
  });

  it('takes another profile from its thread, and compares it with its own', async () => {
    await of(thread(folded), async (before) => {
      await of(thread(Buffer.from('main;query 90\nmain;new 10\n')), async (after) => {
        const { port1, port2 } = new MessageChannel();
        const received = after.ask('receive', { comparison: 1, port: port2 }, undefined, [port2]);
        await before.ask('send', { port: port1 }, undefined, [port1]);
        await received;
        const order = { comparison: 1, leastShare: 0.001, limit: 2 };
        const { functions, changed, boxes } = await after.ask('compare', order);
        expect(functions.map(({ name, state }) => `${name} ${state}`)).toEqual([
          'render gone',
          'query changed',
        ]);
        expect(changed).toBe(3);
        expect(boxes.map(({ name }) => name)).toEqual(['', 'main', 'query', 'render', 'new']);
        await after.ask('endComparison', { comparison: 1 });
        await expect(after.ask('compare', order)).rejects.toMatchObject({ code: 'CANCELLED' });
      });
    });
  });

  it('is told when the other one cannot be read', async () => {
    await of(thread(Buffer.from('nothing')), async (before) => {
      await of(thread(folded), async (after) => {
        const { port1, port2 } = new MessageChannel();
        const received = expect(
          after.ask('receive', { comparison: 1, port: port2 }, undefined, [port2]),
        ).rejects.toMatchObject({ code: 'CANCELLED' });
        await expect(before.ask('send', { port: port1 }, undefined, [port1])).rejects.toMatchObject({
          code: 'FORMAT',
        });
        await received;
      });
    });
  });

  it('tells whoever waits when it is closed', async () => {
    const profile = thread(folded);
    const asked = expect(profile.ask('summary', undefined)).rejects.toMatchObject({ code: 'CANCELLED' });
    await profile.dispose();
    await asked;
    await expect(profile.ask('summary', undefined)).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});
