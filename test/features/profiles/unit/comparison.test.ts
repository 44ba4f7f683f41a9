import { describe, expect, it } from 'vitest';
import {
  ComparedProfiles,
  type ComparisonOrder,
} from '../../../../src/features/profiles/core/analysis/comparison';
import { readProfile } from '../../../../src/features/profiles/core/formats/readProfile';

const folded = (...lines: string[]) => readProfile(Buffer.from(lines.join('\n')), 'file');
const order: ComparisonOrder = { leastShare: 0.001, limit: 100 };

describe('Two profiles laid over each other', () => {
  it('are one graph, in which a call is as wide as it weighs in both, the first scaled', async () => {
    const both = new ComparedProfiles(
      await folded('main;query 30', 'main;old 20'),
      await folded('main;query 90', 'main;render 10'),
    );
    const { scale, boxes, functions, totals } = both.compare(order);
    expect(totals).toEqual({ before: 50, after: 100 });
    expect(scale).toBe(2);
    expect(
      boxes.map(({ name, depth, left, width, before, after }) => [name, depth, left, width, before, after]),
    ).toEqual([
      ['', 0, 0, 1, 100, 100],
      ['main', 1, 0, 1, 100, 100],
      ['query', 2, 0, 0.75, 60, 90],
      ['old', 2, 0.75, 0.2, 40, 0],
      ['render', 2, 0.95, 0.05, 0, 10],
    ]);
    expect(functions.map(({ name, state }) => [name, state])).toEqual([
      ...[
        ['old', 'gone'],
        ['query', 'changed'],
        ['render', 'new'],
      ],
    ]);
    const { boxes: below } = both.compare({ ...order, below: boxes[2]!.node });
    expect(below.map(({ name, width }) => [name, width])).toEqual([
      ...[
        ['', 1],
        ['main', 1],
        ['query', 1],
      ],
    ]);
  });

  it('tell calls apart by functions, whose lines move from one version to the next', async () => {
    const both = new ComparedProfiles(
      await folded('main (a.py:1);work (a.py:9) 10'),
      await folded('main (a.py:1);work (a.py:12) 10'),
    );
    const { boxes, functions } = both.compare(order);
    expect(functions).toEqual([]);
    expect(boxes.map(({ name, line }) => [name, line])).toEqual([
      ...[
        ['', undefined],
        ['main', 1],
        ['work', 12],
      ],
    ]);
  });

  it('of one profile are the same, scaled or not', async () => {
    const one = await folded('main;a 1', 'main;b 2', 'c 3');
    const { functions, changed, folded: narrow } = new ComparedProfiles(one, one).compare(order);
    expect({ functions, changed, narrow }).toEqual({ functions: [], changed: 0, narrow: 0 });
    const twice = await folded('main;a 2', 'main;b 4', 'c 6');
    const both = new ComparedProfiles(one, twice);
    expect(both.compare(order).changed).toBe(0);
    expect(both.compare({ ...order, normalize: false }).changed).toBe(4);
  });

  it('fold what is too narrow', async () => {
    const one = await folded('main;wide 10000', 'main;narrow 1');
    expect(new ComparedProfiles(one, one).compare(order).folded).toBe(1);
  });
});
