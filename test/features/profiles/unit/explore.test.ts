import { describe, expect, it } from 'vitest';
import { callees } from '../../../../src/features/profiles/core/analysis/callees';
import { fileWeights } from '../../../../src/features/profiles/core/analysis/fileWeights';
import { claim, filesOf, located } from '../../../../src/features/profiles/core/model/locatedProfile';
import { readProfile } from '../../../../src/features/profiles/core/formats/readProfile';
import {
  findFunction,
  selectedPath,
  topFunctions,
} from '../../../../src/features/profiles/core/model/selection';

const folded = async (...lines: string[]) =>
  located(await readProfile(Buffer.from(lines.join('\n')), 'file'));
const stacks = [
  'main (a.go:3);serve (a.go:10);lib (lib.go:1);query (db.go:5) 40',
  'main (a.go:3);serve (a.go:11);query (db.go:6) 30',
  'main (a.go:3);serve (a.go:10) 10',
  'main (a.go:4);idle (a.go:20) 20',
];

describe('The call tree', () => {
  it('has calls of one function from all lines in one row, the heaviest first', async () => {
    const profile = await folded(...stacks);
    const roots = callees(profile, { path: [], valueType: 0, limit: 9 });
    expect(roots).toEqual({
      count: 1,
      callees: [{ number: 0, name: 'main', file: 'a.go', line: 3, self: 0, total: 100, hasCallees: true }],
    });
    const below = callees(profile, { path: [0], valueType: 0, limit: 9 }).callees;
    expect(below.map(({ name, self, total, hasCallees }) => [name, self, total, hasCallees])).toEqual([
      ['serve', 10, 80, true],
      ['idle', 20, 20, false],
    ]);
    const deep = callees(profile, { path: [0, below[0]!.number], valueType: 0, limit: 1 });
    expect(deep.count).toBe(2);
    expect(deep.callees.map(({ name, total }) => [name, total])).toEqual([['lib', 40]]);
  });

  it('passes through what is not mine: what it calls stands in its place', async () => {
    const profile = await readProfile(Buffer.from(stacks.join('\n')), 'file');
    claim(
      profile,
      filesOf(profile.frames).filter((file) => file !== 'lib.go'),
    );
    const mine = located(profile);
    const order = { valueType: 0, limit: 9, mineOnly: true };
    const serve = callees(mine, { ...order, path: [0] }).callees[0]!;
    const below = callees(mine, { ...order, path: [0, serve.number] }).callees;
    expect(below.map(({ name, total }) => [name, total])).toEqual([['query', 70]]);
    expect(topFunctions(mine, order).functions.map(({ name }) => name)).toEqual([
      'query',
      'idle',
      'serve',
      'main',
    ]);
    expect(selectedPath(mine, order).map(({ name }) => name)).toEqual(['main', 'serve', 'query']);
  });
});

describe('A function', () => {
  it('is found among the hot ones', async () => {
    const profile = await folded(...stacks);
    const found = findFunction(profile, { name: 'serve', file: 'a.go', valueType: 0 });
    expect(found).toMatchObject({
      rank: 2,
      function: { self: 10, total: 80 },
      raw: { name: 'serve', file: 'a.go' },
    });
    expect(findFunction(profile, { name: 'serve', file: 'b.go' })).toBeUndefined();
  });
});

describe('The weights of a file', () => {
  it('are those of its lines and functions', async () => {
    const ranges = [
      { name: 'main', from: 1, to: 6 },
      { name: '(*Shop).serve', from: 8, to: 15 },
      { name: 'cold', from: 30, to: 40 },
    ];
    const {
      whole,
      lines,
      ranges: weights,
      functions,
    } = fileWeights(await folded(...stacks), {
      ...{ files: ['a.go'], valueType: 0, ranges },
    });
    expect(whole).toBe(100);
    expect(weights).toEqual([
      { self: 0, total: 100 },
      { self: 10, total: 80 },
      { self: 0, total: 0 },
    ]);
    expect(lines.toSorted((a, b) => a.line - b.line)).toEqual([
      { line: 3, self: 0, total: 80 },
      { line: 4, self: 0, total: 20 },
      { line: 10, self: 10, total: 50 },
      { line: 11, self: 0, total: 30 },
      { line: 20, self: 20, total: 20 },
    ]);
    expect(functions.map(({ name, line, self }) => [name, line, self])).toEqual([
      ['main', 3, 0],
      ['serve', 10, 10],
      ['idle', 20, 20],
    ]);
  });

  it('count what calls itself once, and what a module does on loading for no function', async () => {
    const profile = await folded('<module> (a.py:2);walk (a.py:5);walk (a.py:6) 4', '<module> (a.py:5) 1');
    const range = { name: 'walk', from: 4, to: 8 };
    const weights = fileWeights(profile, { files: ['a.py'], valueType: 0, ranges: [range] });
    expect(weights.ranges).toEqual([{ self: 4, total: 4 }]);
  });

  it('go to the innermost function that is called so', async () => {
    const profile = await folded('outer (a.js:2);inner (a.js:4) 3', 'outer (a.js:4) 2');
    const ranges = [
      { name: 'outer', from: 1, to: 9 },
      { name: 'inner', from: 3, to: 5 },
    ];
    expect(fileWeights(profile, { files: ['a.js'], valueType: 0, ranges }).ranges).toEqual([
      { self: 2, total: 5 },
      { self: 3, total: 3 },
    ]);
  });
});
