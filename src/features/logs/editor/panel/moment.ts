import { parseDuration } from '../../../../platform/inventory/schema/duration';

/**
 * A moment as people type it: `15m` ago, `14:05`, `14:05:30`, `2026-11-26 14:05`, with `Z` or an offset for other zones
 * than this one's. Milliseconds since the epoch; undefined for what is none.
 */
export function parseMoment(typed: string, now = Date.now()): number | undefined {
  const text = typed.trim();
  const ago = durationOf(text);
  if (ago !== undefined) return now - ago;
  const clock = /^(\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d{1,3})?))?$/.exec(text);
  if (clock) {
    const date = new Date(now);
    date.setHours(Number(clock[1]), Number(clock[2]), 0, Number(clock[3] ?? 0) * 1000);
    // What would lie ahead was yesterday.
    if (date.getTime() > now) date.setDate(date.getDate() - 1);
    return isInRange(clock) ? date.getTime() : undefined;
  }
  if (!/^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}.*)?$/.test(text)) return undefined;
  const time = Date.parse(text.length === 10 ? `${text}T00:00` : text.replace(' ', 'T'));
  return Number.isNaN(time) ? undefined : time;
}

function isInRange([, hours, minutes, seconds = '0']: RegExpExecArray): boolean {
  return Number(hours) < 24 && Number(minutes) < 60 && Number(seconds) < 60;
}

function durationOf(text: string): number | undefined {
  try {
    return parseDuration(text);
  } catch {
    return undefined;
  }
}

/** Date and time of day of this time zone, to the millisecond. */
export function momentText(time: number): string {
  const date = new Date(time);
  const shifted = new Date(time - date.getTimezoneOffset() * 60_000);
  return Number.isNaN(shifted.getTime()) ? '' : shifted.toISOString().slice(0, 23).replace('T', ' ');
}
