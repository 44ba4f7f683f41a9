import type { TimeMode } from '../protocol/logsPanel';

/** A time as the column shows it. `before`: the time of the row before it; all in ms since the epoch. */
export function timeText(
  time: number | undefined,
  mode: TimeMode,
  before?: number,
  now = Date.now(),
): string {
  if (time === undefined) return '';
  switch (mode) {
    case 'local':
    case 'utc':
      return clockText(time, mode, now);
    case 'ago':
      return `-${spanText(now - time)}`;
    case 'delta':
      return before === undefined ? '' : `${time < before ? '-' : '+'}${spanText(Math.abs(time - before))}`;
  }
}

/** The time of day, after the date unless it is today's. */
export function clockText(time: number, mode: 'local' | 'utc', now = Date.now()): string {
  const text = isoText(time, mode);
  const isToday = text.slice(0, 10) === isoText(now, mode).slice(0, 10);
  return isToday ? text.slice(11) : text.slice(5);
}

/** Date and time, to the millisecond. */
export function isoText(time: number, mode: 'local' | 'utc'): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return '';
  const shift = mode === 'utc' ? 0 : date.getTimezoneOffset() * 60_000;
  const text = new Date(time - shift).toISOString();
  return `${text.slice(0, 10)} ${text.slice(11, 23)}${mode === 'utc' ? 'Z' : ''}`;
}

/** Milliseconds as `12.3 ms`, `1.234 s`, `3 m 20 s`, `2 h 5 m`, `3 d 4 h`. */
export function spanText(ms: number): string {
  const span = Math.max(0, ms);
  if (span < 1000) return `${Number(span.toFixed(span < 10 ? 2 : 1))} ms`;
  if (span < 60_000) return `${(span / 1000).toFixed(span < 10_000 ? 3 : 1)} s`;
  const seconds = Math.round(span / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${seconds % 60} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1440) return `${Math.floor(minutes / 60)} h ${minutes % 60} m`;
  return `${Math.floor(minutes / 1440)} d ${Math.floor(minutes / 60) % 24} h`;
}
