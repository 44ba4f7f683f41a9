import { describe, expect, it } from 'vitest';
import { clockText, isoText, spanText, timeText } from '../../../../src/features/logs/webview/timeText';

describe('The time of a line', () => {
  const now = Date.UTC(2026, 10, 26, 12, 30);

  it('is the time of day, after the date unless it is of today', () => {
    expect(clockText(now - 1234, 'utc', now)).toBe('12:29:58.766Z');
    expect(clockText(now - 86_400_000, 'utc', now)).toBe('11-25 12:30:00.000Z');
    expect(clockText(now, 'local', now)).toBe(isoText(now, 'local').slice(11));
  });

  it('is how long ago it was, or what passed since the line before', () => {
    expect(timeText(now - 61_000, 'ago', undefined, now)).toBe('-1 m 1 s');
    expect(timeText(now, 'delta', now - 12.345)).toBe('+12.3 ms');
    expect(timeText(now, 'delta', now + 5)).toBe('-5 ms');
    expect(timeText(now, 'delta')).toBe('');
    expect(timeText(undefined, 'local')).toBe('');
  });

  it.each([
    [0.25, '0.25 ms'],
    [999.94, '999.9 ms'],
    [1234, '1.234 s'],
    [59_949, '59.9 s'],
    [3_599_000, '59 m 59 s'],
    [7_500_000, '2 h 5 m'],
    [273_600_000, '3 d 4 h'],
  ])('spans %s ms as %s', (ms, text) => {
    expect(spanText(ms)).toBe(text);
  });

  it('is nothing for what is no time', () => {
    expect(isoText(Number.NaN, 'utc')).toBe('');
    expect(isoText(9e15, 'utc')).toBe('');
  });
});
