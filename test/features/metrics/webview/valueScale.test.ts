import { describe, expect, it } from 'vitest';
import { valueScale } from '../../../../src/features/metrics/webview/valueScale';

describe('The axis of values', () => {
  it.each([
    ['values near 0', 0.9, 9.3, [0, 10.23]],
    ['a spread of as much as the distance to 0', 5, 10, [0, 11]],
    ['values below 0', -10, -2, [-11, 0]],
    ['values on both sides of 0', -10, 10, [-12, 12]],
    ['one value only', 4, 4, [0, 4.4]],
    ['nothing but 0', 0, 0, [0, 1]],
  ])('has 0 for %s', (_, least, greatest, [from, to]) => {
    const scale = valueScale(least, greatest, false);
    expect(scale[0]).toBeCloseTo(from!);
    expect(scale[1]).toBeCloseTo(to!);
  });

  it('has 0 for rates, however much alike they are', () => {
    expect(valueScale(50, 60, true)).toEqual([0, 66]);
  });

  it('is that of the values where 0 would hide their differences', () => {
    expect(valueScale(1_000, 1_010, false)).toEqual([999, 1_011]);
    expect(valueScale(-1_010, -1_000, false)).toEqual([-1_011, -999]);
  });

  it('is 0 to 1 where there is no value', () => {
    expect(valueScale(null, null, true)).toEqual([0, 1]);
    expect(valueScale(Infinity, -Infinity, false)).toEqual([0, 1]);
  });
});
