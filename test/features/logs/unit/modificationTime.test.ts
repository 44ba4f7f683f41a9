import { expect, test } from 'vitest';
import { modificationTime, writtenBy } from '../../../../src/features/logs/core/follow/modificationTime';

const now = Date.UTC(2026, 11, 1, 12);

test.each([
  ['GNU', '2024-11-3022:57:01.611984796+0000', '2024-11-30T22:57:01.000Z'],
  ['busybox, in the zone of the host', '2024-12-0100:27:01+0530', '2024-11-30T18:57:01.000Z'],
  // Only the day is shown, in the zone of the host.
  ['with the year', 'Nov302024', '2024-12-02T00:00:00.000Z'],
  ['with the year, on a day of one digit', 'Nov32024', '2024-11-05T00:00:00.000Z'],
  ['with the time of day', 'Aug822:57', '2026-08-10T00:00:00.000Z'],
  ['with the time of day, today', 'Dec122:57', '2026-12-03T00:00:00.000Z'],
  ['with the time of day, before the new year', 'Dec3022:57', '2026-01-01T00:00:00.000Z'],
  ['what is none', 'Nov', undefined],
  ['nothing', '', undefined],
])('the modification time is read as ls shows it: %s', (_, shown, time) => {
  const read = modificationTime(shown, now);
  expect(isNaN(read) ? undefined : new Date(read).toISOString()).toBe(time);
});

test.each([
  ['two years ago', Date.UTC(2024, 10, 30, 22, 57, 1), Date.UTC(2024, 10, 30, 23)],
  ['just now', now - 1000, Infinity],
  ['in the future', now + 400 * 86_400_000, Infinity],
  ['never set', 0, Infinity],
  ['not known', undefined, Infinity],
  ['not readable', NaN, Infinity],
])('lines were written at the latest when their file was modified: %s', (_, modified, latest) => {
  expect(writtenBy(modified, now)).toBe(latest);
});
