import { describe, expect, it } from 'vitest';
import { criticalPath } from '../../../../src/features/profiles/core/analysis/criticalPath';
import { hotFunctions } from '../../../../src/features/profiles/core/analysis/hotFunctions';
import { labelWeights } from '../../../../src/features/profiles/core/analysis/labelWeights';
import { mergeProfiles } from '../../../../src/features/profiles/core/analysis/mergeProfiles';
import type { Profile } from '../../../../src/features/profiles/core/model/profile';
import { profileDiff } from '../../../../src/features/profiles/core/analysis/profileDiff';
import { profileSummary } from '../../../../src/features/profiles/core/analysis/profileSummary';
import { readProfile } from '../../../../src/features/profiles/core/formats/readProfile';
import { lossIn } from '../../../../src/features/profiles/core/formats/writtenProfile';
import { pprofOf } from './encodedPprof';

const read = (bytes: Uint8Array) => readProfile(bytes, 'file');
const folded = (...lines: string[]) => read(Buffer.from(lines.join('\n')));
/** A profile of V8: milliseconds of each function. */
const v8 = (times: Readonly<Record<string, number>>) => {
  const samples = Object.values(times).flatMap((count, index) => Array<number>(count).fill(index + 2));
  const names = ['(root)', ...Object.keys(times)];
  return read(
    Buffer.from(
      JSON.stringify({
        nodes: names.map((functionName, index) => ({
          ...{ id: index + 1, callFrame: { functionName, url: '', lineNumber: -1, columnNumber: -1 } },
          ...(index === 0 && { children: names.slice(1).map((_, at) => at + 2) }),
        })),
        ...{ startTime: 0, endTime: samples.length * 1000, samples },
        timeDeltas: samples.map((_, index) => (index === 0 ? 0 : 1000)),
      }),
    ),
  );
};
const selfs = (profile: Profile) =>
  Object.fromEntries(hotFunctions(profile).functions.map(({ name, self }) => [name, self]));

describe('Idle', () => {
  it('of V8 is in no total, share or path; its program and garbage collector are work', async () => {
    const profile = await v8({ '(idle)': 56, '(program)': 4, '(garbage collector)': 10, render: 30 });
    expect(hotFunctions(profile)).toMatchObject({ total: 44_000, whole: 44_000, idle: 56_000 });
    expect(selfs(profile)).toEqual({
      render: 30_000,
      '(garbage collector)': 10_000,
      '(program)': 4000,
    });
    expect(criticalPath(profile).map(({ name }) => name)).toEqual(['render']);
    expect(profileSummary(profile).valueTypes).toEqual([
      { name: 'cpu', unit: 'microseconds', total: 44_000, whole: 44_000, idle: 56_000 },
      { name: 'samples', unit: 'count', total: 44, whole: 44, idle: 56 },
    ]);
    expect(lossIn('folded', profile)).toEqual([
      'cpu: 56ms idle is not counted: it is not work',
      'folded stacks hold one type of values: cpu, and not samples',
    ]);
  });

  it('scales nothing: a busier process is compared by what it did', async () => {
    const diff = profileDiff(
      await v8({ '(idle)': 80, query: 10, render: 10 }),
      await v8({ '(idle)': 60, query: 20, render: 20 }),
    );
    expect(diff).toMatchObject({
      ...{ totals: { before: 20_000, after: 40_000 }, scale: 2, functions: [] },
      idle: { before: 80_000, after: 60_000 },
    });
  });

  it('is named when profiles are merged', async () => {
    const merged = mergeProfiles([
      { name: 'a', profile: await v8({ '(idle)': 80, query: 20 }) },
      { name: 'b', profile: await v8({ query: 100 }) },
    ]);
    expect(selfs(merged)).toMatchObject({ query: 120_000 });
    expect(merged.notes).toEqual(['a: cpu: 80ms idle is not counted: it is not work']);
  });

  it('alone is a profile without work', async () => {
    expect(hotFunctions(await v8({ '(idle)': 5 }))).toEqual({
      total: 0,
      whole: 0,
      idle: 5000,
      functions: [],
    });
  });

  it('is found in what was written from V8, whatever the format, without its labels', async () => {
    expect(hotFunctions(await folded('web-1;(idle) 5', 'web-1;f 3'))).toMatchObject({ total: 3, idle: 5 });
    const labels = [{ key: 'handler', value: '/' }];
    const profile = await read(
      pprofOf([
        [['(idle)'], 5, labels],
        [['f'], 3, labels],
      ]),
    );
    expect(labelWeights(profile)).toMatchObject([{ key: 'handler', total: 3 }]);
    expect(hotFunctions(profile)).toMatchObject({ total: 3, idle: 5 });
  });

  it('of perf is where its idle task waits; interrupts that the task serves are work', async () => {
    const profile = await folded(
      ...['swapper;cpu_startup_entry;do_idle;default_idle_call;pv_native_safe_halt_[k] 90'],
      ...[
        'swapper/3;do_idle;mwait_idle_with_hints.constprop.0 5',
        'swapper;do_idle;asm_common_interrupt;net_rx 4',
      ],
      'nginx;do_idle 1',
    );
    expect(hotFunctions(profile)).toMatchObject({ total: 5, idle: 95 });
    expect(selfs(profile)).toMatchObject({ net_rx: 4, do_idle: 1 });
  });

  it('is a word like another in the code of a service', async () => {
    const profile = await folded('main;idle 3', '(idle) (app.js:1) 4');
    expect(hotFunctions(profile)).toMatchObject({ total: 7, whole: 7 });
    expect(profile).not.toHaveProperty('idle');
  });
});
