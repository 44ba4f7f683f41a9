import { Function as PprofFunction, Line, Location, Sample, ValueType } from 'pprof-format';
import { describe, expect, it } from 'vitest';
import { callees } from '../../../../src/features/profiles/core/analysis/callees';
import { ComparedProfiles } from '../../../../src/features/profiles/core/analysis/comparison';
import { criticalPath } from '../../../../src/features/profiles/core/analysis/criticalPath';
import { drawing } from '../../../../src/features/profiles/core/analysis/drawing';
import { functionsMarkdown } from '../../../../src/features/profiles/core/analysis/functionsMarkdown';
import { groupedByLabel } from '../../../../src/features/profiles/core/analysis/groupedByLabel';
import { hotFunctions } from '../../../../src/features/profiles/core/analysis/hotFunctions';
import { labelWeights } from '../../../../src/features/profiles/core/analysis/labelWeights';
import { located } from '../../../../src/features/profiles/core/model/locatedProfile';
import { mergeProfiles } from '../../../../src/features/profiles/core/analysis/mergeProfiles';
import type { Profile } from '../../../../src/features/profiles/core/model/profile';
import { profileDiff, selfDelta } from '../../../../src/features/profiles/core/analysis/profileDiff';
import { readProfile } from '../../../../src/features/profiles/core/formats/readProfile';
import { toPprof } from '../../../../src/features/profiles/core/formats/toPprof';
import { toFolded } from '../../../../src/features/profiles/core/formats/toFolded';
import { isMergedInto } from '../../../../src/features/profiles/core/model/units';
import { weightText } from '../../../../src/features/profiles/core/model/weightText';
import { lossIn } from '../../../../src/features/profiles/core/formats/writtenProfile';
import { pprofOf } from './encodedPprof';

const mib = 2 ** 20;
const space = { name: 'inuse_space', unit: 'bytes' };
const read = (bytes: Uint8Array) => readProfile(bytes, 'file');
const rewritten = async (profile: Profile) => read(await toPprof(profile));
const selfs = (profile: Profile, type?: number) =>
  Object.fromEntries(hotFunctions(profile, type).functions.map(({ name, self }) => [name, self]));
const speedscope = (unit: string, weights: readonly number[]) =>
  read(
    Buffer.from(
      JSON.stringify({
        shared: { frames: weights.map((_, index) => ({ name: `f${index}` })) },
        profiles: [
          { type: 'sampled', name: 'main', unit, samples: weights.map((_, index) => [index]), weights },
        ],
      }),
    ),
  );
/** What a service freed and what it allocated, as Go's `?seconds=3` and `-diff_base` write it. */
const difference = () =>
  read(
    pprofOf(
      [
        [['main', 'fill'], -64 * mib],
        [['main', 'grow'], 8 * mib],
      ],
      space,
    ),
  );

describe('Numbers of pprof', () => {
  it('have a sign: weights, numeric labels and lines', async () => {
    const profile = await read(
      pprofOf([[['main'], -5, [{ key: 'offset', value: -7, unit: 'bytes' }]]], space, (text) => ({
        function: [new PprofFunction({ id: 1, name: text('main'), startLine: -3 })],
        location: [new Location({ id: 1, line: [new Line({ functionId: 1, line: -1 })] })],
      })),
    );
    expect(hotFunctions(profile)).toEqual({
      ...{ total: -5, whole: 5 },
      functions: [{ name: 'main', file: undefined, line: undefined, self: -5, total: -5 }],
    });
    expect(profile.frames[0]).not.toHaveProperty('start');
    expect(profile.labels?.sets).toEqual([[{ key: 'offset', value: -7, unit: 'bytes' }]]);
    expect(hotFunctions(await rewritten(profile))).toEqual(hotFunctions(profile));
    expect((await rewritten(profile)).labels?.sets).toEqual(profile.labels?.sets);
  });

  it.each([-1, -128, 2 ** 31, -(2 ** 32), 2 ** 40 + 1, Number.MIN_SAFE_INTEGER])(
    'survive writing: %d',
    async (weight) => {
      expect(selfs(await rewritten(await read(pprofOf([[['main'], weight]]))))).toEqual({ main: weight });
    },
  );

  it('are in units that pprof has many names for', async () => {
    const weights = [1500, 1.5, 1.5 / 3600].map(async (weight, index) => {
      const unit = ['ms', 'sec', 'hours'][index]!;
      const { valueTypes, tree } = await read(
        pprofOf([[['main'], Math.ceil(weight)]], { name: 'cpu', unit }),
      );
      return weightText(tree.self[0]![1]!, valueTypes[0]!.unit);
    });
    expect(await Promise.all(weights)).toEqual(['1.50s', '2s', '3600s']);
    const heap = await read(pprofOf([[['main'], 3]], { name: 'inuse_space', unit: 'kilobytes' }));
    expect([heap.valueTypes, hotFunctions(heap).total]).toEqual([[space], 3072]);
  });
});

describe('What pprof says beside its samples', () => {
  const recorded = (time: bigint, duration: bigint, period: number) =>
    read(
      pprofOf([[['main'], 5]], undefined, (text) => ({
        function: [new PprofFunction({ id: 1, name: text('main'), startLine: 3 })],
        ...{ timeNanos: time, durationNanos: duration, period, comment: [text(`of ${time}`)] },
        periodType: new ValueType({ type: text('cpu'), unit: text('nanoseconds') }),
      })),
    );

  it('survives writing and merging, as do the lines on which functions begin', async () => {
    const first = await recorded(1_764_543_210_123_456_789n, 3_000_000_000n, 10_000_000);
    const again = await rewritten(first);
    expect(again.recording).toEqual(first.recording);
    expect(again.frames[0]?.start).toBe(3);
    const second = await recorded(1_764_543_210_123_456_700n, 2_000_000_000n, 20_000_000);
    const merged = await rewritten(
      mergeProfiles([
        { name: 'a', profile: first },
        { name: 'b', profile: second },
      ]),
    );
    expect(merged.recording).toEqual({
      ...{ time: 1_764_543_210_123_456_700n, duration: 5_000_000_000n, period: 20_000_000n },
      periodType: { name: 'cpu', unit: 'nanoseconds' },
      comments: ['of 1764543210123456789', 'of 1764543210123456700'],
    });
    expect(merged.frames.find(({ name }) => name === 'main')?.start).toBe(3);
  });

  it('may be below 0', async () => {
    const { recording } = await rewritten(await recorded(0n, -1n, -2));
    expect(recording).toMatchObject({ duration: -1n, period: -2n });
  });
});

describe('A difference', () => {
  it('has shares of what grew and what shrank together, as pprof has them', async () => {
    const profile = await difference();
    expect(hotFunctions(profile)).toMatchObject({ total: -56 * mib, whole: 72 * mib });
    expect(selfs(profile)).toEqual({ fill: -64 * mib, grow: 8 * mib, main: 0 });
    expect(functionsMarkdown(space, hotFunctions(profile), hotFunctions(profile).functions)).toContain(
      '| -88.9% | -64MB | -88.9% | -64MB | `fill` |',
    );
  });

  it('counts samples of one stack with different labels one by one', async () => {
    const sized = (value: number) => [{ key: 'bytes', value, unit: 'bytes' }];
    const profile = await read(
      pprofOf(
        [
          [['main'], -3, sized(1)],
          [['main'], 2, sized(2)],
        ],
        space,
      ),
    );
    expect(hotFunctions(profile)).toMatchObject({ total: -1, whole: 5 });
    expect(labelWeights(profile)[0]!.values.map(({ weight, whole }) => [weight, whole])).toEqual([
      [-3, 3],
      [2, 2],
    ]);
  });

  it('counts samples of one stack one by one, before they are added up: go tool pprof has 801', async () => {
    const profile = await read(
      pprofOf([
        [['a'], 500],
        [['a'], -300],
        [['d'], -1],
      ]),
    );
    expect(hotFunctions(profile)).toMatchObject({ total: 199, whole: 801 });
    const parts = ['x', 'y'].map((name) => ({ name, profile }));
    expect(hotFunctions(mergeProfiles(parts))).toMatchObject({ total: 398, whole: 1602 });
    expect(hotFunctions(groupedByLabel(profile, 'tenant'))).toMatchObject({ total: 199, whole: 801 });
    // Written profiles hold one sample for each stack.
    expect(hotFunctions(await rewritten(profile))).toMatchObject({ total: 199, whole: 201 });
    const base = [{ key: 'pprof::base', value: 'true' }];
    const ofBase = await read(
      pprofOf([
        [['a'], 9, base],
        [['a'], -9, base],
        [['d'], -1],
      ]),
    );
    expect(hotFunctions(ofBase)).toMatchObject({ total: -1, whole: 18 });
  });

  it('that pprof made has shares of its base', async () => {
    const base = [{ key: 'pprof::base', value: 'true' }];
    const profile = await read(
      pprofOf(
        [
          [['main'], -40, base],
          [['main'], 50],
        ],
        space,
      ),
    );
    expect(hotFunctions(profile)).toMatchObject({ total: 10, whole: 40 });
  });

  it('has a path that leads where most has changed, and a tree in which nothing is hidden', async () => {
    const path = criticalPath(await difference()).map(({ name, total }) => [name, total]);
    expect(path).toEqual([
      ['main', -56 * mib],
      ['fill', -64 * mib],
    ]);
    const moved = await read(
      pprofOf(
        [
          [['main', 'old'], -5],
          [['main', 'new'], 5],
        ],
        space,
      ),
    );
    expect(callees(located(moved), { path: [], valueType: 0, limit: 9 }).callees).toMatchObject([
      { name: 'main', total: 0, hasCallees: true },
    ]);
    const { boxes } = new ComparedProfiles(moved, moved).compare({ leastShare: 0, limit: 9 });
    expect(boxes.map(({ name, width }) => [name, width])).toEqual([
      ['', 1],
      ['main', 1],
      ['old', 0.5],
      ['new', 0.5],
    ]);
  });

  it('is not scaled to another, and says what a graph leaves out of it', async () => {
    const profile = await difference();
    const cpu = { ...profile, valueTypes: [{ name: 'cpu', unit: 'nanoseconds' }] };
    expect(profileDiff(cpu, cpu, undefined, true)).toMatchObject({ scale: 1, whole: 72 * mib });
    const graph = drawing(
      { name: 'file', bytes: undefined, read: profile },
      { width: 1000, foldedName: '…', inTime: false },
    );
    expect(graph.notes).toEqual(['inuse_space: -64MB below 0 cannot be drawn and is left out']);
    expect(lossIn('speedscope', profile)).toEqual(graph.notes);
    expect(lossIn('pprof', profile)).toEqual([]);
  });
});

describe('Weights that are not whole', () => {
  it('are written in nanoseconds where they are times: 2.99 s stays 2.99 s', async () => {
    const profile = await speedscope(
      'seconds',
      Array.from({ length: 299 }, () => 0.01),
    );
    const again = await rewritten(profile);
    expect(again.valueTypes).toEqual([{ name: 'time', unit: 'nanoseconds' }]);
    expect(hotFunctions(again).total).toBe(2_990_000_000);
    expect(selfs(again).f7).toBe(10_000_000);
    expect(lossIn('pprof', profile)).toEqual([]);
  });

  it('stay in their unit where all of them are whole, and where nanoseconds would not fit', async () => {
    const { valueTypes } = await rewritten(await speedscope('seconds', [3, 4]));
    expect(valueTypes).toEqual([{ name: 'time', unit: 'seconds' }]);
    const ages = await rewritten(await speedscope('seconds', [1e12, 0.25]));
    expect(ages.valueTypes).toEqual([{ name: 'time', unit: 'microseconds' }]);
    expect(selfs(ages)).toEqual({ f0: 1e18, f1: 250_000 });
  });

  it('keep their sum where they are counts, and that is noted', async () => {
    const profile = await speedscope('none', [0.5, 0.5, 0.5, 0.5, 1.25]);
    expect(hotFunctions(await rewritten(profile)).total).toBe(3);
    expect(lossIn('pprof', profile)).toEqual([
      'weights of samples are not whole, as those of pprof are: they were rounded, and their sum kept',
    ]);
  });

  it('are left out alone where they are greater than pprof can hold, and that is counted', async () => {
    const one = 'weights of samples are greater than pprof can hold and were left out';
    const huge = await read(Buffer.from('main;a 99999999999999999999\nmain;b 5\nmain;c 7\nmain;d -1e300\n'));
    expect(selfs(await rewritten(huge))).toEqual({ main: 0, b: 5, c: 7 });
    expect(lossIn('pprof', huge)).toEqual([`2 ${one}`]);
    const together = await speedscope('none', [4e18, 4e18, 4e18, 3]);
    expect(hotFunctions(await rewritten(together)).total).toBe(8e18);
    expect(lossIn('pprof', together)).toEqual([`1 ${one}`]);
    const times = await speedscope('seconds', [1e300, 0.25]);
    expect(selfs(await rewritten(times))).toEqual({ f1: 250_000_000 });
    expect(lossIn('pprof', times)).toEqual([
      '1 weights of time are greater than pprof can hold and were left out',
    ]);
  });

  it('are told where no unit is both fine and coarse enough for them', async () => {
    expect(lossIn('pprof', await speedscope('seconds', [4e18, 0.25]))).toEqual([
      'weights of time are not whole, as those of pprof are: they were rounded, and their sum kept',
    ]);
  });

  it('keep what has labels apart from what has none', async () => {
    const profile = await read(
      pprofOf([
        [['main'], 3, [{ key: 'tenant', value: 'acme' }]],
        [['main'], 2],
      ]),
    );
    const half = (weights: readonly Float64Array[]) => weights.map((column) => column.map((one) => one / 2));
    const halved = await rewritten({
      ...profile,
      valueTypes: [{ name: 'cpu', unit: 'milliseconds' }],
      tree: { ...profile.tree, self: half(profile.tree.self) },
      labels: { ...profile.labels!, weights: half(profile.labels!.weights) },
    });
    expect(halved.labels?.weights).toEqual([Float64Array.of(1_500_000)]);
    expect(selfs(halved)).toEqual({ main: 2_500_000 });
  });
});

describe('Profiles in different units', () => {
  const cpu = async (value: number, unit: string) =>
    read(
      pprofOf([[['main'], value, [{ key: 'tenant', value: 'acme' }]]], {
        ...{ name: 'cpu', unit },
      }),
    );

  it('are merged in the finer one, labels as well', async () => {
    const merged = mergeProfiles([
      { name: 'a', profile: await cpu(1500, 'milliseconds') },
      { name: 'b', profile: await cpu(1_500_000_000, 'ns') },
    ]);
    expect(merged.valueTypes).toEqual([{ name: 'cpu', unit: 'nanoseconds' }]);
    expect(hotFunctions(merged).total).toBe(3e9);
    expect(labelWeights(merged)[0]!.total).toBe(3e9);
    expect(merged.notes).toEqual([]);
  });

  it('are compared in the finer one', async () => {
    const slow = await cpu(2, 'seconds');
    const diff = profileDiff(slow, await cpu(500_000, 'microseconds'), undefined, false);
    expect(diff).toMatchObject({
      valueType: { name: 'cpu', unit: 'microseconds' },
      totals: { before: 2_000_000, after: 500_000 },
    });
    expect(diff.functions.map(selfDelta)).toEqual([-1_500_000]);
    const compared = new ComparedProfiles(slow, await cpu(500, 'milliseconds'));
    expect(compared.compare({ normalize: false, leastShare: 0, limit: 9 }).boxes[1]).toMatchObject({
      ...{ name: 'main', before: 2000, after: 500 },
    });
  });
});

describe('Types of values of one name', () => {
  it('are one in the finer unit where they are of threads, in every format', async () => {
    const profile = await read(
      Buffer.from(
        JSON.stringify({
          shared: { frames: [{ name: 'f' }] },
          profiles: [
            {
              ...{ type: 'sampled', name: 'a', unit: 'milliseconds' },
              ...{ samples: [[0], [0]], weights: [0.25, 0.5] },
            },
            {
              ...{ type: 'sampled', name: 'b', unit: 'seconds' },
              ...{ samples: [[0], [0]], weights: [0.001, -0.5] },
            },
          ],
        }),
      ),
    );
    expect(profile.valueTypes).toEqual([{ name: 'time', unit: 'milliseconds' }]);
    expect(hotFunctions(profile)).toMatchObject({ total: -498.25, whole: 501.75 });
    expect([...toFolded(profile)]).toEqual(['a;f 0.75\n', 'b;f -499\n']);
    const again = await rewritten(profile);
    expect(again.valueTypes).toEqual([{ name: 'time', unit: 'nanoseconds' }]);
    expect(hotFunctions(again).total).toBe(-498_250_000);
  });

  it('have their units in their names where these measure something else, or the same again', async () => {
    const profile = await read(
      pprofOf([[['main'], 5]], undefined, (text) => ({
        sampleType: ['count', 'nanoseconds', 'count', 'bytes'].map(
          (unit, index) => new ValueType({ type: text(index < 3 ? 'x' : 'y'), unit: text(unit) }),
        ),
        sample: [new Sample({ locationId: [1], value: [1, 2, 3, 4] })],
        defaultSampleType: text('x'),
      })),
    );
    const names = ['x (count)', 'x (nanoseconds)', 'x (count) 2', 'y'];
    expect(profile.valueTypes.map(({ name }) => name)).toEqual(names);
    expect(names.map((_, type) => hotFunctions(profile, type).total)).toEqual([1, 2, 3, 4]);
    expect((await rewritten(profile)).valueTypes).toEqual(profile.valueTypes);
    expect(lossIn('folded', profile, 3)).toEqual([
      'folded stacks hold one type of values: y, and not x (count), x (nanoseconds), x (count) 2',
    ]);
  });

  it('have their units in their names where profiles are merged', async () => {
    const of = (unit: string) => read(pprofOf([[['main'], 5]], { name: 'cpu', unit }));
    const parts = [await of('milliseconds'), await of('count'), await of('nanoseconds')];
    const merged = mergeProfiles(parts.map((profile, index) => ({ name: `${index}`, profile })));
    expect(merged.valueTypes.map(({ name }) => name)).toEqual(['cpu (nanoseconds)', 'cpu (count)']);
    expect([0, 1].map((type) => hotFunctions(merged, type).total)).toEqual([5_000_005, 5]);
    const isPart = (type: number) =>
      parts.map(({ valueTypes }) => isMergedInto(valueTypes[0]!, merged.valueTypes[type]!));
    expect([0, 1].map(isPart)).toEqual([
      [true, false, true],
      [false, true, false],
    ]);
  });

  it('may be in coarse units of memory, of which nothing is lost', async () => {
    const profile = await speedscope('megabytes', [0.25, 0.5]);
    expect(profile.valueTypes).toEqual([{ name: 'space', unit: 'bytes' }]);
    expect(selfs(await rewritten(profile))).toEqual({ f0: mib / 4, f1: mib / 2 });
    expect((await speedscope('cycles', [1])).valueTypes).toEqual([{ name: 'cycles', unit: 'cycles' }]);
  });
});

describe('Profiles that do not measure the same', () => {
  it('are merged, and what is not in whose part is noted', async () => {
    const heap = await difference();
    const merged = mergeProfiles([
      { name: 'a', profile: await read(pprofOf([[['main'], 7]])) },
      { name: 'b', profile: heap },
    ]);
    expect(merged.notes).toEqual([
      'a has no part in inuse_space/bytes: it measures cpu/nanoseconds',
      'b has no part in cpu/nanoseconds: it measures inuse_space/bytes',
    ]);
    expect([0, 1].map((type) => hotFunctions(merged, type).total)).toEqual([7, -56 * mib]);
  });

  it('show first what they have in common', async () => {
    const v8 = await read(
      Buffer.from(
        JSON.stringify({
          nodes: [{ id: 1, callFrame: { functionName: 'main' } }],
          ...{ startTime: 0, endTime: 20, samples: [1, 1], timeDeltas: [0, 10] },
        }),
      ),
    );
    const merged = mergeProfiles([
      { name: 'a', profile: v8 },
      { name: 'b', profile: await read(Buffer.from('main 3\n')) },
    ]);
    expect(merged.valueTypes[merged.defaultValueType]).toEqual({ name: 'samples', unit: 'count' });
    expect(hotFunctions(merged).total).toBe(5);
    expect(merged.notes).toEqual(['b has no part in cpu/microseconds: it measures samples/count']);
  });
});
