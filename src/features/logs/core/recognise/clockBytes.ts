import { digit, isDigit, isLetter, two } from './dateBytes';

/** Where the time of day that `clockAt` or `isoClockAt` read ends. */
export let clockEnd = 0;

/** `hh:mm:ss` with a fraction after `.`, `,` or `:`, perhaps with AM or PM, in milliseconds of the day; or NaN. */
export function clockAt(bytes: Uint8Array, at: number, end: number): number {
  const isShort = bytes[at + 1] === 0x3a;
  const hoursEnd = isShort ? at + 1 : at + 2;
  if (hoursEnd + 6 > end || bytes[hoursEnd] !== 0x3a || bytes[hoursEnd + 3] !== 0x3a) return NaN;
  let hours = isShort ? digit(bytes, at) : two(bytes, at);
  const minutes = two(bytes, hoursEnd + 1);
  const seconds = two(bytes, hoursEnd + 4);
  // 60 is a leap second.
  if (hours > 23 || minutes > 59 || seconds > 60) return NaN;
  let fraction = 0;
  at = hoursEnd + 6;
  if (at < end && isDigit(bytes[at])) return NaN;
  const point = at + 1 < end && isDigit(bytes[at + 1]) ? bytes[at] : 0;
  const isFraction =
    point === 0x2e ||
    point === 0x2c ||
    (point === 0x3a &&
      at + 4 <= end &&
      two(bytes, at + 2) <= 99 &&
      !(at + 4 < end && isDigit(bytes[at + 4])));
  if (isFraction) {
    let scale = 100;
    for (at++; at < end; at++) {
      const value = digit(bytes, at);
      if (value > 9) break;
      fraction += value * scale;
      scale /= 10;
    }
  }
  // An address of hardware.
  else if (point === 0x3a) return NaN;
  const halfAt = at < end && bytes[at] === 0x20 ? at + 1 : at;
  const half = halfAt + 1 < end && (bytes[halfAt + 1]! | 0x20) === 0x6d ? bytes[halfAt]! | 0x20 : 0;
  const isAlone = halfAt + 2 >= end || !(isLetter(bytes[halfAt + 2]!) || isDigit(bytes[halfAt + 2]));
  if ((half === 0x61 || half === 0x70) && isAlone && hours >= 1 && hours <= 12) {
    hours = (hours % 12) + (half === 0x70 ? 12 : 0);
    at = halfAt + 2;
  }
  clockEnd = at;
  return ((hours * 60 + minutes) * 60 + seconds) * 1000 + fraction;
}

/** The times of day of ISO 8601 that `clockAt` does not read: `hh:mm`, `hhmm` and `hhmmss`, the last with a fraction. */
export function isoClockAt(bytes: Uint8Array, at: number, end: number): number {
  const colon = at + 2 < end && bytes[at + 2] === 0x3a ? 1 : 0;
  let next = at + 4 + colon;
  if (next > end) return NaN;
  const hours = two(bytes, at);
  const minutes = two(bytes, at + 2 + colon);
  if (hours > 23 || minutes > 59) return NaN;
  let ms = (hours * 60 + minutes) * 60_000;
  if (colon === 0 && next + 2 <= end && isDigit(bytes[next])) {
    const seconds = two(bytes, next);
    if (seconds > 60) return NaN;
    ms += seconds * 1000;
    next += 2;
    if (next + 1 < end && (bytes[next] === 0x2e || bytes[next] === 0x2c) && isDigit(bytes[next + 1])) {
      let scale = 100;
      for (next++; next < end && isDigit(bytes[next]); next++) {
        ms += digit(bytes, next) * scale;
        scale /= 10;
      }
    }
  }
  const after = next < end ? bytes[next]! : 0x20;
  if (isDigit(after) || after === 0x3a || after === 0x5f) return NaN;
  clockEnd = next;
  return ms;
}
