import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CaptureStore } from '../../../../src/features/profiles/editor/capture/captureStore';
import type { CaptureDetails } from '../../../../src/features/profiles/editor/capture/storedCapture';

const detailsOf = (number: number, more: Partial<CaptureDetails> = {}): CaptureDetails => ({
  ...{ hosts: ['web-1'], service: 'shop', profiler: 'go', command: 'GET /debug/pprof/profile' },
  ...{ startedAt: Date.UTC(2026, 10, 26) + number, durationMs: 5000 },
  valueTypes: [{ name: 'cpu', unit: 'nanoseconds' }],
  ...more,
});

describe('The store of captures', () => {
  let folder: string;
  const errors: unknown[] = [];
  const storeWith = (count: number, bytes = 1e9) =>
    new CaptureStore(
      join(folder, 'captures'),
      () => ({ count, bytes }),
      (error) => errors.push(error),
    );
  const add = (store: CaptureStore, number: number, text = 'main 1\n') =>
    store.add(detailsOf(number), '.folded', Buffer.from(text));
  const files = () => readdir(join(folder, 'captures'));

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'captures-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
    expect(errors.splice(0)).toEqual([]);
  });

  it('gives back what was added, newest first, to another window too', async () => {
    expect(await storeWith(9).all()).toEqual([]);
    const first = await add(storeWith(9), 1);
    const second = await storeWith(9).add(
      detailsOf(2, { hosts: ['a', 'b'], service: '../x y' }),
      '.pb.gz',
      (async function* () {
        yield Buffer.from('one');
        yield Buffer.from('two');
      })(),
    );
    const store = storeWith(9);
    expect(await store.all()).toEqual([second, first]);
    expect(second).toMatchObject({ bytes: 6, hosts: ['a', 'b'] });
    expect(second.file).toMatch(/^_x_y-2-hosts-2026-11-26T00-00-00-[\da-f]{8}\.pb\.gz$/);
    expect(await readFile(store.pathOf(second), 'utf8')).toBe('onetwo');
  });

  it('keeps nothing of a profile that broke off', async () => {
    const broken = (async function* () {
      yield Buffer.from('half');
      throw new Error('the connection was lost');
    })();
    const store = storeWith(9);
    await expect(store.add(detailsOf(1), '.pprof', broken)).rejects.toThrow('the connection was lost');
    expect(await files()).toEqual([]);
  });

  it('keeps the newest within its limits, by count and by size', async () => {
    for (const number of [1, 2, 3]) await add(storeWith(2), number);
    expect((await storeWith(2).all()).map(({ startedAt }) => startedAt % 1000)).toEqual([3, 2]);
    await add(storeWith(9, 10), 4);
    expect((await storeWith(9).all()).map(({ startedAt }) => startedAt % 1000)).toEqual([4]);
    expect(await files()).toHaveLength(2);
  });

  it('tells when captures come and go', async () => {
    const store = storeWith(9);
    let times = 0;
    const listening = store.onDidChange(() => times++);
    const capture = await add(store, 1);
    await store.remove(capture);
    expect([times, await store.all(), await files()]).toEqual([2, [], []]);
    listening.dispose();
    await add(store, 2);
    expect(times).toBe(2);
  });

  it('leaves out what a crash or an edit spoilt, and removes it once it is old', async () => {
    const store = storeWith(9);
    const kept = await add(store, 1);
    const lost = await add(store, 2);
    await rm(store.pathOf(lost));
    const at = join(folder, 'captures');
    await writeFile(join(at, 'torn.capture.json'), '{"version":1,');
    await writeFile(
      join(at, 'outside.capture.json'),
      JSON.stringify({ ...kept, file: '../../outside.pprof' }),
    );
    await writeFile(join(at, 'half.pprof.partial'), 'half');
    expect(await store.all()).toEqual([kept]);
    for (const name of ['torn.capture.json', 'outside.capture.json', 'half.pprof.partial'])
      await utimes(join(at, name), 1, 1);
    await add(store, 3);
    expect((await files()).filter((name) => /^(torn|outside|half)/.test(name))).toEqual([]);
  });
});
