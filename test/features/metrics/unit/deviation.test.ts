import { describe, expect, it, test } from 'vitest';
import { groupOf, median } from '../../../../src/features/metrics/core/deviation';

test.each([
  [[], NaN],
  [[3], 3],
  [[1, 2], 1.5],
  [[1, 2, 9], 2],
  [[-Infinity, Infinity], NaN],
])('the median of %j is %d', (values, expected) => {
  expect(median(values)).toBe(expected);
});

describe('a group', () => {
  it('measures in medians of distances', () => {
    // Distances 2, 1, 0, 1, 2, 90: their median is 1.5.
    const group = groupOf([8, 9, 10, 11, 12, 100]);
    expect(group.median).toBe(10.5);
    expect(group.deviations(100)).toBeCloseTo(89.5 / (1.5 * 1.4826), 6);
    expect(group.deviations(10.5)).toBe(0);
  });

  it('says nothing with fewer than four', () => {
    expect(groupOf([1, 1, 1000]).deviations(1000)).toBeUndefined();
  });

  it('measures in mean distances where most are the same', () => {
    const group = groupOf([5, 5, 5, 5, 5, 5, 5, 6]);
    expect(group.deviations(6)).toBeCloseTo(1 / ((1 / 8) * 1.2533), 6);
    expect(group.deviations(5)).toBe(0);
  });

  it('takes all the same for the same', () => {
    expect(groupOf([7, 7, 7, 7]).deviations(7)).toBe(0);
    expect(groupOf([0, 0, 0, 0]).deviations(0)).toBe(0);
  });

  it('takes differences of rounding for none', () => {
    expect(groupOf([0.3, 0.3, 0.3, 0.1 + 0.2]).deviations(0.1 + 0.2)).toBe(0);
  });

  it('knows nothing where the middle is infinite', () => {
    expect(groupOf([1, Infinity, Infinity, Infinity]).deviations(1)).toBeUndefined();
  });
});
