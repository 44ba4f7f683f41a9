import { describe, expect, it } from 'vitest';
import { parseDuration } from '../../../../src/platform/inventory/schema/duration';
import { durationSchema, timeoutSchema } from '../../../../src/platform/inventory/schema/durationSchema';

describe('a duration', () => {
  it.each([
    ['250ms', 250],
    ['5s', 5_000],
    ['1.5s', 1_500],
    ['2m', 120_000],
    ['1h', 3_600_000],
    ['14d', 1_209_600_000],
  ])('%s is %d ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(['', 's', '5', '5 s', '-5s', '5sec', '5S', '1e3s', '٥s', '5s '])('“%s” is refused', (text) => {
    expect(() => parseDuration(text)).toThrow(RangeError);
  });

  it('says what a number without a unit lacks', () => {
    expect(() => parseDuration('800')).toThrow('“800” has no unit: write 800ms or 800s');
    expect(durationSchema().safeParse(800).error?.issues[0]?.message).toContain('write 800ms');
  });

  it('is more than nothing and fits a timer where it becomes one', () => {
    expect(timeoutSchema.safeParse('0s').success).toBe(false);
    expect(timeoutSchema.safeParse('25d').success).toBe(false);
    expect(timeoutSchema.parse('1d')).toBe(86_400_000);
    expect(durationSchema().parse('90d')).toBe(7_776_000_000);
  });
});
