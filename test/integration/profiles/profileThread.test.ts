import { dirname, join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { ProfileThread } from '../../../src/core/profiles/profileThread';

const file = join(dirname(inject('cli')), 'profileWorker.js');
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
      expect(summary.valueTypes).toEqual([{ name: 'samples', unit: 'count', total: 100 }]);
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

  it('tells whoever waits when it is closed', async () => {
    const profile = thread(folded);
    const asked = expect(profile.ask('summary', undefined)).rejects.toMatchObject({ code: 'CANCELLED' });
    await profile.dispose();
    await asked;
    await expect(profile.ask('summary', undefined)).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});
