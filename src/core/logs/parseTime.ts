/** What the last parser that found a time leaves: where it ended. One thread parses one line at a time. */
export const found = { end: 0 };

const zero = 0x30;
const dayMs = 86_400_000;

/** The digit at `at`, or a number beyond 9. */
function digit(bytes: Uint8Array, at: number): number {
  const value = bytes[at]! - zero;
  return value >= 0 && value <= 9 ? value : 99;
}

function two(bytes: Uint8Array, at: number): number {
  return digit(bytes, at) * 10 + digit(bytes, at + 1);
}

let lastDate = -1;
let lastDateMs = NaN;

/** Milliseconds of midnight, UTC; NaN if there is no such day. */
function midnight(year: number, month: number, day: number): number {
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= 31 && year >= 1970 && year <= 9999)) return NaN;
  const key = (year * 16 + month) * 32 + day;
  if (key === lastDate) return lastDateMs;
  lastDate = key;
  lastDateMs = Date.UTC(year, month - 1, day);
  return lastDateMs;
}

/** `hh:mm:ss` with a fraction after `.` or `,`, in milliseconds of the day; NaN, or `found.end` after it. */
export function parseClock(bytes: Uint8Array, at: number, end: number): number {
  if (at + 8 > end || bytes[at + 2] !== 0x3a || bytes[at + 5] !== 0x3a) return NaN;
  const hours = two(bytes, at);
  const minutes = two(bytes, at + 3);
  const seconds = two(bytes, at + 6);
  // 60 is a leap second.
  if (hours > 23 || minutes > 59 || seconds > 60) return NaN;
  let ms = ((hours * 60 + minutes) * 60 + seconds) * 1000;
  at += 8;
  if (at + 1 < end && (bytes[at] === 0x2e || bytes[at] === 0x2c) && digit(bytes, at + 1) <= 9) {
    let scale = 100;
    for (at++; at < end; at++) {
      const value = digit(bytes, at);
      if (value > 9) break;
      ms += value * scale;
      scale /= 10;
    }
  }
  found.end = at;
  return ms;
}

/** `Z`, `+hh:mm`, `+hhmm` or `+hh` after an optional space, in milliseconds east; NaN if there is none. */
function parseZone(bytes: Uint8Array, at: number, end: number): number {
  if (at < end && bytes[at] === 0x20 && at + 5 < end && (bytes[at + 1] === 0x2b || bytes[at + 1] === 0x2d))
    at++;
  const sign = at < end ? bytes[at] : 0;
  if (sign === 0x5a || sign === 0x7a) {
    found.end = at + 1;
    return 0;
  }
  if ((sign !== 0x2b && sign !== 0x2d) || at + 3 > end) return NaN;
  const hours = two(bytes, at + 1);
  if (hours > 18) return NaN;
  let next = at + 3;
  let minutes = 0;
  const colon = next < end && bytes[next] === 0x3a ? 1 : 0;
  if (next + colon + 2 <= end && two(bytes, next + colon) <= 59) {
    minutes = two(bytes, next + colon);
    next += colon + 2;
  }
  found.end = next;
  return (sign === 0x2d ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

/**
 * `2026-11-26T12:34:56.789+01:00` and what is like it (ISO 8601, RFC 3339, Go, Python, log4j, nginx's error log with
 * slashes), a space or `T` between date and time. `zoneMs` is meant where no zone is written. NaN if it is none.
 */
export function parseIso(bytes: Uint8Array, at: number, end: number, zoneMs: number): number {
  if (at + 19 > end) return NaN;
  const separator = bytes[at + 4];
  if ((separator !== 0x2d && separator !== 0x2f) || bytes[at + 7] !== separator) return NaN;
  const between = bytes[at + 10];
  if (between !== 0x54 && between !== 0x20 && between !== 0x74 && between !== 0x5f) return NaN;
  const year = two(bytes, at) * 100 + two(bytes, at + 2);
  const base = midnight(year, two(bytes, at + 5), two(bytes, at + 8));
  const clock = parseClock(bytes, at + 11, end);
  if (clock !== clock || base !== base) return NaN;
  const afterClock = found.end;
  const zone = parseZone(bytes, afterClock, end);
  if (zone === zone) return base + clock - zone;
  found.end = afterClock;
  return base + clock - zoneMs;
}

/** Seconds, milliseconds, microseconds or nanoseconds since 1970, by the number of digits; NaN if it is none. */
export function parseEpoch(bytes: Uint8Array, at: number, end: number): number {
  let value = 0;
  let digits = 0;
  while (at < end && digits < 20) {
    const next = digit(bytes, at);
    if (next > 9) break;
    value = value * 10 + next;
    digits++;
    at++;
  }
  const divisor = epochDivisors[digits];
  if (divisor === undefined) return NaN;
  let ms = value / divisor;
  if (digits === 10 && at + 1 < end && bytes[at] === 0x2e && digit(bytes, at + 1) <= 9) {
    let scale = 100;
    for (at++; at < end && digit(bytes, at) <= 9; at++) {
      ms += digit(bytes, at) * scale;
      scale /= 10;
    }
  }
  found.end = at;
  return ms >= earliestMs && ms <= latestMs ? ms : NaN;
}

/** What a number is to be divided by, or for seconds multiplied, to be milliseconds. */
const epochDivisors: Record<number, number> = { 10: 1e-3, 13: 1, 16: 1e3, 19: 1e6 };
/** From 2001 to 2100: other numbers are no times. */
const earliestMs = 978_307_200_000;
const latestMs = 4_102_444_800_000;

const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const monthKeys = new Map(monthNames.map((name, index) => [letters(Buffer.from(name), 0), index + 1]));

function letters(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! | 0x20) << 16) | ((bytes[at + 1]! | 0x20) << 8) | (bytes[at + 2]! | 0x20);
}

function monthAt(bytes: Uint8Array, at: number): number {
  return monthKeys.get(letters(bytes, at)) ?? 0;
}

let yearFrom = 0;
let yearTo = 0;
let knownYear = 0;

function yearOf(now: number): number {
  if (now < yearFrom || now >= yearTo) {
    knownYear = new Date(now).getUTCFullYear();
    yearFrom = Date.UTC(knownYear, 0);
    yearTo = Date.UTC(knownYear + 1, 0);
  }
  return knownYear;
}

/** `Nov  6 12:34:56` of RFC 3164, in the year that puts it next to `now`. */
export function parseSyslog(bytes: Uint8Array, at: number, end: number, zoneMs: number, now: number): number {
  if (at + 15 > end || bytes[at + 3] !== 0x20) return NaN;
  const month = monthAt(bytes, at);
  if (month === 0) return NaN;
  let day = digit(bytes, at + 5);
  let clockAt = at + 7;
  if (bytes[at + 4] !== 0x20) {
    // A day of one digit is also written with one space.
    if (bytes[at + 5] === 0x20) {
      day = digit(bytes, at + 4);
      clockAt = at + 6;
    } else day += digit(bytes, at + 4) * 10;
  }
  const clock = parseClock(bytes, clockAt, end);
  if (clock !== clock) return NaN;
  const year = yearOf(now);
  const time = midnight(year, month, day) + clock - zoneMs;
  // December's lines are read in January.
  if (time > now + dayMs * 2) return midnight(year - 1, month, day) + clock - zoneMs;
  return time;
}

/** `10/Oct/2026:13:55:36 -0700`, the time of the common log format. */
export function parseClf(bytes: Uint8Array, at: number, end: number): number {
  if (at + 20 > end || bytes[at + 2] !== 0x2f || bytes[at + 6] !== 0x2f || bytes[at + 11] !== 0x3a)
    return NaN;
  const year = two(bytes, at + 7) * 100 + two(bytes, at + 9);
  const base = midnight(year, monthAt(bytes, at + 3), two(bytes, at));
  const clock = parseClock(bytes, at + 12, end);
  if (clock !== clock || base !== base) return NaN;
  const zone = parseZone(bytes, found.end, end);
  return base + clock - (zone === zone ? zone : 0);
}

/** `Wed Oct 11 14:32:52.123456 2026`, as Apache's error log and `date` without a zone have it. */
export function parseCtime(bytes: Uint8Array, at: number, end: number, zoneMs: number): number {
  if (at + 24 > end || bytes[at + 3] !== 0x20 || bytes[at + 7] !== 0x20) return NaN;
  const month = monthAt(bytes, at + 4);
  if (month === 0) return NaN;
  const tens = bytes[at + 8] === 0x20 ? 0 : digit(bytes, at + 8);
  const clock = parseClock(bytes, at + 11, end);
  const yearAt = found.end + 1;
  if (clock !== clock || yearAt + 4 > end) return NaN;
  const year = two(bytes, yearAt) * 100 + two(bytes, yearAt + 2);
  found.end = yearAt + 4;
  return midnight(year, month, tens * 10 + digit(bytes, at + 9)) + clock - zoneMs;
}

/** `I1126 12:34:56.123456` of klog and glog, in the year that puts it next to `now`. */
export function parseKlog(bytes: Uint8Array, at: number, end: number, zoneMs: number, now: number): number {
  if (at + 14 > end || bytes[at + 5] !== 0x20) return NaN;
  const month = two(bytes, at + 1);
  const day = two(bytes, at + 3);
  const clock = parseClock(bytes, bytes[at + 6] === 0x20 ? at + 7 : at + 6, end);
  if (clock !== clock) return NaN;
  const year = yearOf(now);
  const time = midnight(year, month, day) + clock - zoneMs;
  return time > now + dayMs * 2 ? midnight(year - 1, month, day) + clock - zoneMs : time;
}

/** `12:34:56.789` alone, on the day that puts it next to `now`. */
export function parseClockOnly(
  bytes: Uint8Array,
  at: number,
  end: number,
  zoneMs: number,
  now: number,
): number {
  const clock = parseClock(bytes, at, end);
  if (clock !== clock) return NaN;
  const time = Math.floor((now + zoneMs) / dayMs) * dayMs + clock - zoneMs;
  return time > now + dayMs / 2 ? time - dayMs : time;
}
