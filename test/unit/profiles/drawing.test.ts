import { describe, expect, it } from 'vitest';
import { drawing, type DrawingWish } from '../../../src/core/profiles/drawing';
import { hotFunctions } from '../../../src/core/profiles/hotFunctions';
import { loadProfile } from '../../../src/core/profiles/loadedProfile';
import { readProfile } from '../../../src/core/profiles/readProfile';
import { pprofOf } from './encodedPprof';

const wish: DrawingWish = { width: 1000, foldedName: '… narrow', inTime: false };
const load = (text: string, name = 'x.folded') => loadProfile(Buffer.from(text), name);

/** More stacks than are drawn, all narrow, below one wide function. */
const large = () =>
  [
    'main;query 500000',
    ...Array.from({ length: 90_000 }, (_, index) => `main;spread;narrow ${index} 5`),
  ].join('\n');

describe('What is drawn of a profile', () => {
  it('has every frame and weight of a small one', async () => {
    const { bytes, frames, isAsItIs } = drawing(await load('main;a 3\nmain;b;c 2\nmain 1'), wish);
    expect(isAsItIs).toBe(false);
    expect(frames).toEqual({ drawn: 4, folded: 0 });
    const { total, functions } = hotFunctions(await readProfile(bytes, 'drawn'));
    expect(total).toBe(6);
    expect(functions.map(({ name, self }) => [name, self])).toEqual([
      ...[
        ['a', 3],
        ['c', 2],
        ['main', 1],
        ['b', 0],
      ],
    ]);
  });

  it('folds what is narrower than half a pixel of a large one, and keeps its weight', async () => {
    const { bytes, frames } = drawing(await load(large()), wish);
    expect(frames).toEqual({ drawn: 3, folded: 90_000 });
    const { total, functions } = hotFunctions(await readProfile(bytes, 'drawn'));
    expect(total).toBe(950_000);
    expect(functions.find(({ name }) => name === '… narrow')).toMatchObject({ self: 450_000 });
    expect(bytes.length).toBeLessThan(2000);
  });

  it('can be what a stack calls, where more of it is wide enough', async () => {
    const lines = Array.from(
      { length: 90_000 },
      (_, index) => `main;spread;group ${index % 40};narrow ${index} 1`,
    );
    const loaded = await load(['main;query 50000000', ...lines].join('\n'));
    expect(drawing(loaded, wish).frames.drawn).toBe(3);
    const below = [{ name: 'main' }, { name: 'spread' }];
    const { bytes, frames } = drawing(loaded, { ...wish, below });
    expect(frames.drawn).toBe(40);
    const { functions } = hotFunctions(await readProfile(bytes, 'drawn'));
    expect(functions.find(({ name }) => name === 'main')).toMatchObject({ total: 90_000 });
    expect(() => drawing(loaded, { ...wish, below: [{ name: 'nowhere' }] })).toThrow('no stack nowhere');
  });

  it('can be of the samples with a label only', async () => {
    const samples = pprofOf([
      [['main', 'query'], 3, [{ key: 'tenant', value: 'acme' }]],
      [['main', 'render'], 4, []],
    ]);
    const loaded = await loadProfile(samples, 'x.pprof');
    const { bytes } = drawing(loaded, { ...wish, label: { key: 'tenant', value: 'acme' } });
    const { total, functions } = hotFunctions(await readProfile(bytes, 'drawn'));
    expect([total, functions.map(({ name }) => name)]).toEqual([3, ['query', 'main']]);
  });

  it('is the file as it is where it is in the order of time', async () => {
    const file = JSON.stringify({
      shared: { frames: [{ name: 'a' }] },
      profiles: [{ type: 'sampled', name: 'x', unit: 'none', samples: [[0]], weights: [1] }],
      note: 'x'.repeat(1_100_000),
    });
    const loaded = await load(file, 'x.speedscope.json');
    expect(drawing(loaded, wish)).toMatchObject({ isAsItIs: false, hasTime: true });
    const inTime = drawing(loaded, { ...wish, inTime: true });
    expect(inTime).toMatchObject({ isAsItIs: true, hasTime: true });
    expect(Buffer.from(inTime.bytes).toString()).toBe(file);
  });
});
