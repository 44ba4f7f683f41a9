import { describe, expect, it } from 'vitest';
import { drawing, type DrawingWish } from '../../../../src/features/profiles/core/analysis/drawing';
import { functionFrame } from '../../../../src/features/profiles/core/analysis/byFunction';
import { hotFunctions } from '../../../../src/features/profiles/core/analysis/hotFunctions';
import { loadProfile, profileOf } from '../../../../src/features/profiles/core/model/loadedProfile';
import type { Profile } from '../../../../src/features/profiles/core/model/profile';
import { readProfile } from '../../../../src/features/profiles/core/formats/readProfile';
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
    const { bytes, frames, isInTime } = drawing(await load('main;a 3\nmain;b;c 2\nmain 1'), wish);
    expect(isInTime).toBe(false);
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

  const calls = (...lines: number[]) =>
    lines.map((lineNumber, index) => ({
      id: index + 2,
      hitCount: 1,
      callFrame: { functionName: '', url: 'file:///srv/app.js', lineNumber, columnNumber: 4 },
    }));
  const cpuProfile = JSON.stringify({
    nodes: [{ id: 1, callFrame: { functionName: '(root)' }, children: [2, 3, 4] }, ...calls(9, 29, 49)],
    startTime: 0,
    endTime: 60_000,
    samples: [2, 3, 4, 3],
    timeDeltas: [0, 10_000, 20_000, 10_000],
  });
  const speedscope = JSON.stringify({
    shared: {
      frames: [
        { name: 'main', file: 'a.py', line: 1 },
        { name: 'work', file: 'a.py', line: 10 },
        { name: 'work', file: 'a.py', line: 11 },
        { name: 'work', file: 'b.py', line: 11 },
      ],
    },
    profiles: [
      {
        ...{ type: 'sampled', name: 'x', unit: 'seconds' },
        ...{ samples: [[0, 1], [0, 2], [0, 2, 1], [3]], weights: [1, 2, 4, 8] },
      },
      {
        ...{ type: 'evented', name: 'y', unit: 'seconds', startValue: 0, endValue: 3 },
        events: [
          { type: 'O', frame: 1, at: 0 },
          { type: 'O', frame: 2, at: 1 },
          { type: 'C', frame: 2, at: 2 },
          { type: 'C', frame: 1, at: 3 },
        ],
      },
    ],
  });
  const folded =
    'main (a.py:1);work (a.py:10) 3\nmain (a.py:2);work (a.py:11) 5\nmain (a.py:2);work (b.py:11) 1';
  const files = [
    ['folded stacks', 'x.folded', folded],
    ['a .cpuprofile', 'x.cpuprofile', cpuProfile],
    ['speedscope', 'x.speedscope.json', speedscope],
  ] as const;

  it.each(files)('adds the lines of a function as the hot functions do: %s', async (_, name, text) => {
    const loaded = await load(text, name);
    const { bytes } = drawing(loaded, wish);
    const drawn = await readProfile(bytes, name);
    const keys = drawn.frames.map(({ name, file }) => `${name} ${file}`);
    expect(keys).toEqual([...new Set(keys)]);
    const rows = (profile: Profile) =>
      hotFunctions(profile).functions.map(({ name, file, self, total }) => ({ name, file, self, total }));
    expect(rows(drawn)).toEqual(rows(profileOf(loaded)));
  });

  it('leads from a function to its line that weighs most', async () => {
    const loaded = await load(folded);
    const { frames } = await readProfile(drawing(loaded, wish).bytes, 'drawn');
    expect(frames.map(({ name, file, line }) => `${name} (${file}:${line})`)).toEqual([
      'main (a.py:2)',
      'work (a.py:11)',
      'work (b.py:11)',
    ]);
    expect(functionFrame(profileOf(loaded), { name: 'work', file: 'a.py' })?.line).toBe(11);
    const anonymous = await readProfile(drawing(await load(cpuProfile, 'x.cpuprofile'), wish).bytes, 'x');
    expect(anonymous.frames).toEqual([{ name: '(anonymous)', file: '/srv/app.js', line: 30, column: 5 }]);
  });

  it('has the samples of V8 in the order of their times, and the last one until the end', async () => {
    const file = { ...JSON.parse(cpuProfile), samples: [2, 3, 4], timeDeltas: [0, 30_000, -10_000] };
    const { bytes } = drawing(await load(JSON.stringify(file), 'x.cpuprofile'), wish);
    expect(JSON.parse(Buffer.from(bytes).toString())).toMatchObject({
      samples: [2, 4, 3, 3],
      timeDeltas: [0, 20_000, 10_000, 30_000],
    });
  });

  it('finds the stack that a function was selected in, whatever lines it ran', async () => {
    const below = [{ name: 'main', file: 'a.py', line: 1 }];
    const { bytes } = drawing(await load(folded), { ...wish, below });
    expect(hotFunctions(await readProfile(bytes, 'drawn')).total).toBe(9);
  });

  it('is merged by stack where speedscope has refused the order in time', async () => {
    const loaded = await load(speedscope, 'x.speedscope.json');
    expect(drawing(loaded, { ...wish, isRefused: true })).toMatchObject({ isInTime: false, hasTime: false });
  });

  it('has the events of the file where it is in the order of time', async () => {
    const file = JSON.stringify({
      shared: { frames: [{ name: 'a' }] },
      profiles: [{ type: 'sampled', name: 'x', unit: 'none', samples: [[0]], weights: [1] }],
      note: 'x'.repeat(1_100_000),
    });
    const loaded = await load(file, 'x.speedscope.json');
    expect(drawing(loaded, wish)).toMatchObject({ isInTime: false, hasTime: true });
    const inTime = drawing(loaded, { ...wish, inTime: true });
    expect(inTime).toMatchObject({ isInTime: true, hasTime: true });
    expect(JSON.parse(Buffer.from(inTime.bytes).toString())).toEqual(JSON.parse(file));
  });
});
