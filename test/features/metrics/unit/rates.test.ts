import { describe, expect, it, test } from 'vitest';
import { figureOf, rateOf } from '../../../../src/features/metrics/core/rates';
import type { Reading, Series } from '../../../../src/features/metrics/core/reading';

const series = (value: number, more: Partial<Series> = {}): Series => ({
  ...{ name: 'a_total', labels: [], kind: 'counter', value },
  ...more,
});
const moment = (at: number, more: Partial<Reading> = {}) => ({ at, ...more });
const rate = (
  before: [Series | undefined, ReturnType<typeof moment>] | undefined,
  [now, reading]: [Series | undefined, ReturnType<typeof moment>],
) => rateOf(before && { series: before[0], reading: before[1] }, { series: now, reading });

describe('a value', () => {
  test.each([
    [undefined, { gap: 'absent' }],
    [series(NaN), { gap: 'nan' }],
    [series(Infinity), { value: Infinity }],
    [series(1, { timestampMs: 600_000 }), { value: 1 }],
    [series(1, { timestampMs: 599_999 }), { gap: 'stale' }],
  ])('%j is %j', (given, expected) => {
    expect(figureOf(given, moment(900_000))).toEqual(expected);
  });

  it('is as old as the clock of its source says', () => {
    const old = series(1, { timestampMs: 100_000 });
    expect(figureOf(old, moment(900_000, { sourceClockMs: 150_000 }))).toEqual({ value: 1 });
  });
});

describe('a rate', () => {
  it('is how much was counted a second', () => {
    expect(rate([series(10), moment(1000)], [series(25), moment(6000)])).toEqual({ value: 3 });
  });

  it('is by the times of the samples where they have them', () => {
    const before = series(10, { timestampMs: 0 });
    expect(rate([before, moment(1000)], [series(20, { timestampMs: 2000 }), moment(9000)])).toEqual({
      value: 5,
    });
    expect(rate([before, moment(1000)], [series(10, { timestampMs: 0 }), moment(9000)])).toEqual({
      gap: 'stale',
    });
  });

  test.each([
    ['one reading', undefined, series(5), 'first'],
    ['one that came up meanwhile', [undefined, moment(0)], series(5), 'first'],
    ['one that fell', [series(9), moment(0)], series(5), 'reset'],
    ['one of another process', [series(1), moment(0, { incarnation: 'a' })], series(5), 'reset'],
    ['one that is gone', [series(1), moment(0)], undefined, 'absent'],
    ['NaN', [series(1), moment(0)], series(NaN), 'nan'],
    ['infinity', [series(1), moment(0)], series(Infinity), 'nan'],
    ['one that was NaN', [series(NaN), moment(0)], series(5), 'first'],
  ] as const)('of %s is not known', (_, before, now, gap) => {
    const found = rate(before && [before[0], before[1]], [now, moment(5000, { incarnation: 'b' })]);
    expect(found).toEqual({ gap });
  });

  it('after a reset is that since the new start, where the page has it', () => {
    const before = series(900, { createdMs: 1_000 });
    const now = series(8, { createdMs: 16_000 });
    expect(rate([before, moment(15_000)], [now, moment(20_000)])).toEqual({ value: 2 });
    expect(rate([undefined, moment(15_000)], [now, moment(20_000)])).toEqual({ value: 2 });
    // Another counter of the same name, higher already.
    expect(rate([series(1, { createdMs: 1_000 }), moment(15_000)], [now, moment(20_000)])).toEqual({
      value: 2,
    });
    // By a clock that cannot be right.
    expect(rate([before, moment(15_000)], [series(8, { createdMs: 21_000 }), moment(20_000)])).toEqual({
      gap: 'reset',
    });
  });

  it('is never negative, whatever the readings are', () => {
    for (const from of [0, 1, 5, 1e300, Infinity, NaN])
      for (const to of [0, 1, 5, 1e300, Infinity, NaN])
        for (const passed of [-5, 0, 5]) {
          const found = rate([series(from), moment(1000)], [series(to), moment(1000 + passed)]);
          expect('value' in found ? found.value : 0).toBeGreaterThanOrEqual(0);
        }
  });
});
