import { describe, expect, it } from 'vitest';
import { momentText, parseMoment } from '../../../../src/features/logs/editor/panel/moment';

describe('A moment as people type it', () => {
  const now = new Date(2026, 10, 26, 12, 30).getTime();
  const at = (...parts: [number, number, number, number?, number?, number?]) => new Date(...parts).getTime();

  it.each([
    ['15m', now - 15 * 60_000],
    ['2h', now - 2 * 3_600_000],
    ['12:05', at(2026, 10, 26, 12, 5)],
    ['12:05:30.250', at(2026, 10, 26, 12, 5, 30) + 250],
    ['14:05', at(2026, 10, 25, 14, 5)],
    ['2026-11-20', at(2026, 10, 20)],
    [' 2026-11-20 14:05 ', at(2026, 10, 20, 14, 5)],
    ['2026-11-20T14:05:01Z', Date.UTC(2026, 10, 20, 14, 5, 1)],
    ['2026-11-20T14:05+02:00', Date.UTC(2026, 10, 20, 12, 5)],
  ])('%s', (text, time) => {
    expect(parseMoment(text, now)).toBe(time);
  });

  it.each(['', 'soon', '25:00', '12:60', '2026-13-40', '15', '2026-11-20 noon'])(
    'is none in “%s”',
    (text) => {
      expect(parseMoment(text, now)).toBeUndefined();
    },
  );

  it('is written so that it can be read again', () => {
    expect(parseMoment(momentText(now + 123), now + 1000)).toBe(now + 123);
  });
});
