const zero = 0x30;
/** More than any four digits, so that a number with one of them is recognised. */
const noDigit = 10_000;

/** The digit at `at`, or 10,000. */
export function digit(bytes: Uint8Array, at: number): number {
  const value = bytes[at]! - zero;
  return value >= 0 && value <= 9 ? value : noDigit;
}

/** Two digits as a number; at least 10,000 if one of them is none. */
export function two(bytes: Uint8Array, at: number): number {
  return digit(bytes, at) * 10 + digit(bytes, at + 1);
}

/** Four digits as a number; at least 10,000 if one of them is none. */
export function four(bytes: Uint8Array, at: number): number {
  return two(bytes, at) * 100 + two(bytes, at + 2);
}

export const isDigit = (byte: number | undefined): boolean =>
  byte !== undefined && byte >= 0x30 && byte <= 0x39;
export const isUpper = (byte: number): boolean => byte >= 0x41 && byte <= 0x5a;
export const isSign = (byte: number): boolean => byte === 0x2b || byte === 0x2d;
export const isLetter = (byte: number): boolean => (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;

let lastDate = -1;
let lastDateMs = NaN;
const monthDays = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Milliseconds of midnight, UTC; NaN if there is no such day. */
export function midnight(year: number, month: number, day: number): number {
  if (!(
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= monthDays[month - 1]! &&
    year >= 1970 &&
    year <= 9999
  ))
    return NaN;
  const key = (year * 16 + month) * 32 + day;
  if (key === lastDate) return lastDateMs;
  const ms = Date.UTC(year, month - 1, day);
  if (day === 29 && month === 2 && new Date(ms).getUTCDate() !== 29) return NaN;
  lastDate = key;
  lastDateMs = ms;
  return ms;
}

const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const monthKeys = new Map(monthNames.map((name, index) => [letters(Buffer.from(name), 0), index + 1]));

/** Three letters as one number, without their case. */
export function letters(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! | 0x20) << 16) | ((bytes[at + 1]! | 0x20) << 8) | (bytes[at + 2]! | 0x20);
}

let lastMonthKey = -1;
let lastMonth = 0;

/** The month whose English name begins here, from 1; 0 if there is none. */
export function monthAt(bytes: Uint8Array, at: number): number {
  const key = letters(bytes, at);
  if (key === lastMonthKey) return lastMonth;
  lastMonthKey = key;
  return (lastMonth = monthKeys.get(key) ?? 0);
}
