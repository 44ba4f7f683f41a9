import { describe, expect, it } from 'vitest';
import { criticalPath } from '../../../../src/features/profiles/core/analysis/criticalPath';
import { hotFunctions } from '../../../../src/features/profiles/core/analysis/hotFunctions';
import { mergeProfiles } from '../../../../src/features/profiles/core/analysis/mergeProfiles';
import type { Profile } from '../../../../src/features/profiles/core/model/profile';
import { profileDiff, selfDelta } from '../../../../src/features/profiles/core/analysis/profileDiff';
import { readProfile } from '../../../../src/features/profiles/core/formats/readProfile';
import { toFolded } from '../../../../src/features/profiles/core/formats/toFolded';
import { toPprof } from '../../../../src/features/profiles/core/formats/toPprof';
import { toSpeedscope } from '../../../../src/features/profiles/core/formats/toSpeedscope';
import { weightText } from '../../../../src/features/profiles/core/model/weightText';

const folded = (...lines: string[]) => readProfile(Buffer.from(lines.join('\n')), 'file');
const shape = (profile: Profile, type?: number) => {
  const { total, functions } = hotFunctions(profile, type);
  return { total, functions };
};

describe('The critical path', () => {
  it('follows the heaviest callee, all of its lines together, and says where it narrows', async () => {
    const profile = await folded(
      ...['main;serve;parse 10', 'main;serve;query (db.go:1);lock 30', 'main;serve;query (db.go:9);read 35'],
      'main;idle 25',
    );
    const path = criticalPath(profile).map(({ name, self, total, narrows }) => ({
      name,
      self,
      total,
      narrows,
    }));
    expect(path).toEqual([
      { name: 'main', self: 0, total: 100, narrows: false },
      { name: 'serve', self: 0, total: 75, narrows: false },
      { name: 'query', self: 0, total: 65, narrows: false },
      { name: 'read', self: 35, total: 35, narrows: false },
    ]);
    expect(criticalPath(await folded('a;b 1', 'a;c 1', 'a;d 1')).at(-1)).toMatchObject({
      name: 'b',
      narrows: true,
    });
  });
});

describe('The difference of profiles', () => {
  it('of one with itself is nothing', async () => {
    const profile = await folded('a;b 3', 'a 1');
    expect(profileDiff(profile, profile).functions).toEqual([]);
  });

  it('is that of shares, whatever the load was: it names what got slower, what is new and what is gone', async () => {
    const before = await folded('main;fast 50', 'main;same 40', 'main;old 10');
    const after = await folded('main;fast 60', 'main;same 80', 'main;slow 60');
    const { functions, scale } = profileDiff(before, after);
    expect(scale).toBe(2);
    expect(functions.map((one) => [one.name, selfDelta(one), one.state])).toEqual([
      ['slow', 60, 'new'],
      ['fast', -40, 'changed'],
      ['old', -20, 'gone'],
    ]);
  });

  it('of profiles that measure other things is refused', async () => {
    const heap = await readProfile(
      Buffer.from(JSON.stringify({ head: { callFrame: { functionName: 'f' }, selfSize: 1, children: [] } })),
      'heap',
    );
    expect(() => profileDiff(heap, { ...heap, valueTypes: [{ name: 'cpu', unit: 'seconds' }] })).toThrow(
      'no type of values in common: inuse_space/bytes and cpu/seconds',
    );
  });
});

describe('Profiles of several hosts', () => {
  it('are one, each below its name', async () => {
    const merged = mergeProfiles([
      { name: 'web-1', profile: await folded('main;work 3') },
      { name: 'web-2', profile: await folded('main;work 4', 'main 1') },
    ]);
    expect([...toFolded(merged)].sort()).toEqual([
      'web-1;main;work 3\n',
      'web-2;main 1\n',
      'web-2;main;work 4\n',
    ]);
  });
});

describe('A profile that was written', () => {
  it.each([
    ['folded stacks', (profile: Profile) => Buffer.from([...toFolded(profile)].join(''))],
    ['speedscope', (profile: Profile) => Buffer.from([...toSpeedscope(profile, 'name')].join(''))],
    ['pprof', (profile: Profile) => toPprof(profile)],
  ])('as %s is the same when it is read', async (_, write) => {
    const profile = await folded('main (a.go:3);work "x" (b.go:7) 3', 'main (a.go:3) 1', '<b>é</b>;f 2');
    const again = await readProfile(await write(profile), 'again');
    expect(shape(again)).toEqual(shape(profile));
    expect([...toFolded(again)].sort()).toEqual([...toFolded(profile)].sort());
  });
});

describe('Weights', () => {
  it.each([
    [1_200_000_000, 'nanoseconds', '1.20s'],
    [35_100, 'microseconds', '35.1ms'],
    [30, 'milliseconds', '30ms'],
    [0, 'nanoseconds', '0s'],
    [-4_404_019, 'bytes', '-4.20MB'],
    [12_034, 'count', '12034'],
  ])('of %d %s read %s', (weight, unit, text) => {
    expect(weightText(weight, unit)).toBe(text);
  });
});
