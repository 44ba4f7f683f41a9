import { clockAt, clockEnd, isoClockAt } from './clockBytes';
import { digit, four, isDigit, isLetter, isSign, isUpper, midnight, monthAt, two } from './dateBytes';
import { namedZone, type ZoneClock, zoneClock } from './logZone';
import { areas, endsWord, endsZone, isEnglishName, isUniversal, universal, zonesByKey } from './zoneBytes';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** What a number is to be divided by to be milliseconds, by its digits. */
const epochDivisors: Record<number, number> = { 10: 1e-3, 13: 1, 16: 1e3, 19: 1e6 };
/** From 2001 to 2100: other numbers are no times. */
const earliestMs = 978_307_200_000;
const latestMs = 4_102_444_800_000;

/** Years that are gone back for a date without one. */
const mostYears = 8;
/** A date does not come again sooner, whatever the zone. */
const leastYearMs = 363 * dayMs;
/** By how much a date may be ahead of ours, or a time whose zone is not known. */
const aheadMs = dayMs;
/** By how much a clock in a known zone may be ahead of ours. */
const skewMs = 15 * 60_000;

/** What stands between a date and its time of day: a blank, T, a tab, `"`, `,`, `;`, `|`, `_`, `-`. */
const isBetween = new Uint8Array(256);
for (const character of ' Tt\t",;|_-') isBetween[character.charCodeAt(0)] = 1;

/** Whether a zone before a year may hold it: capitals, digits, signs, colons. */
const isOfZone = (byte: number): boolean => isUpper(byte) || isDigit(byte) || isSign(byte) || byte === 0x3a;

/**
 * Reads the times of the lines of one stream. A zone that is written counts; without one the clock is the host's. What
 * is not certain is no time: a day and a month that may be each other, a time of day without a date.
 */
export class TimeReader {
  /** Where the last time that was read ends. */
  end = 0;
  /** Whether the last `read` came upon a time that says too little: what follows it in the line is not the line's own. */
  isVague = false;
  /** Whether the zone of the last time was written, or is known for the whole year. */
  isCertain = true;
  /** Whether dates with slashes or dashes begin with the day, once one has shown it. */
  private dayFirst: boolean | undefined;
  /** The last time that was read. */
  private last = -Infinity;
  private clockOfHost: ZoneClock = zoneClock({ offsetMs: 0 });
  private hostIsCertain = false;
  /** Local times of the host that are known to have the same offset: those of most lines, so that it is not asked for. */
  private steadyFrom = Infinity;
  private steadyTo = -Infinity;
  private steadyOffset = 0;

  /** The last date without a year, midnight of it in the year it was given, and until when that is its last one. */
  private placedKey = -1;
  private placedDate = 0;
  private placedUntil = 0;

  /** The clock that times without a zone are by. */
  set zone(clock: ZoneClock) {
    this.clockOfHost = clock;
    this.hostIsCertain = clock.isCertain;
    this.steadyFrom = Infinity;
  }

  /**
   * The time that begins at `at`, in milliseconds since 1970; NaN if there is none. `now`: when the line was written at
   * the latest, for dates without a year.
   */
  read(bytes: Uint8Array, at: number, end: number, now: number): number {
    this.isVague = false;
    if (at + 8 > end) return NaN;
    const time = this.parse(bytes, at, end, now);
    if (time === time) this.last = time;
    return time;
  }

  /** The time of the common log format, `10/Oct/2026:13:55:36 -0700`. */
  readClf(bytes: Uint8Array, at: number, end: number): number {
    this.isVague = false;
    if (at + 20 > end || bytes[at + 2] !== 0x2f || bytes[at + 6] !== 0x2f) return NaN;
    const between = bytes[at + 11];
    if (between !== 0x3a && between !== 0x20) return NaN;
    const date = midnight(four(bytes, at + 7), monthAt(bytes, at + 3), two(bytes, at));
    return date === date ? this.clock(date, bytes, at + 12, end) : NaN;
  }

  private parse(bytes: Uint8Array, at: number, end: number, now: number): number {
    const first = bytes[at]!;
    if (first >= 0x30 && first <= 0x39) return this.parseNumber(bytes, at, end, now);
    if (bytes[at + 3] === 0x20) {
      const time = this.parseMonth(bytes, at, end, now);
      return time === time || this.isVague ? time : this.parseCtime(bytes, at, end);
    }
    return isKlog(bytes, at) ? this.parseKlog(bytes, at, end, now) : NaN;
  }

  /** What begins with a digit. */
  private parseNumber(bytes: Uint8Array, at: number, end: number, now: number): number {
    const fifth = bytes[at + 4];
    if ((fifth === 0x2d || fifth === 0x2f || fifth === 0x2e) && bytes[at + 7] === fifth && at + 16 <= end) {
      const date = midnight(four(bytes, at), two(bytes, at + 5), two(bytes, at + 8));
      return date === date ? this.clockAfter(date, bytes, at + 10, end) : NaN;
    }
    const third = bytes[at + 2];
    const second = bytes[at + 1];
    if (third === 0x3a || second === 0x3a) {
      // A time of day without a date.
      this.isVague = clockAt(bytes, at, end) >= 0;
      return NaN;
    }
    if (third === 0x20 || second === 0x20) return this.parseDayMonth(bytes, at, end, now);
    if (third === 0x2f || third === 0x2d || third === 0x2e || second === 0x2f || second === 0x2d)
      return isLetter(bytes[at + 3]!)
        ? this.parseNamed(bytes, at, end)
        : this.parseParts(bytes, at, end, now);
    if (second === 0x2e) return this.parseParts(bytes, at, end, now);
    return this.parseDigits(bytes, at, end, now);
  }

  /** `20261129 10:00:03`, `20261129T100003Z`, `261129 10:00:03` of MySQL, or a number of seconds since 1970. */
  private parseDigits(bytes: Uint8Array, at: number, end: number, now: number): number {
    let digits = 1;
    while (digits < 20 && at + digits < end && isDigit(bytes[at + digits])) digits++;
    if (digits === 8) {
      const date = midnight(four(bytes, at), two(bytes, at + 4), two(bytes, at + 6));
      return date === date ? this.clockAfter(date, bytes, at + 8, end) : NaN;
    }
    if (digits === 6 && bytes[at + 6] === 0x20) {
      const date = midnight(2000 + two(bytes, at), two(bytes, at + 2), two(bytes, at + 4));
      if (!(date <= now + aheadMs)) return NaN;
      return this.clock(date, bytes, bytes[at + 7] === 0x20 ? at + 8 : at + 7, end);
    }
    return this.parseEpoch(bytes, at, end, digits);
  }

  /** Seconds, milliseconds, microseconds or nanoseconds since 1970, by the number of digits. */
  private parseEpoch(bytes: Uint8Array, at: number, end: number, digits: number): number {
    const divisor = epochDivisors[digits];
    if (divisor === undefined) return NaN;
    let value = 0;
    for (const stop = at + digits; at < stop; at++) value = value * 10 + digit(bytes, at);
    let ms = value / divisor;
    if (digits === 10 && at + 1 < end && bytes[at] === 0x2e && isDigit(bytes[at + 1])) {
      let scale = 100;
      for (at++; at < end && isDigit(bytes[at]); at++) {
        ms += digit(bytes, at) * scale;
        scale /= 10;
      }
    }
    this.end = at;
    this.isCertain = true;
    return ms >= earliestMs && ms <= latestMs ? ms : NaN;
  }

  /** `29 Nov 2026 10:00:01`, or without the year. */
  private parseDayMonth(bytes: Uint8Array, at: number, end: number, now: number): number {
    const day = bytes[at + 1] === 0x20 ? digit(bytes, at) : two(bytes, at);
    const monthAt_ = bytes[at + 1] === 0x20 ? at + 2 : at + 3;
    if (monthAt_ + 12 > end || bytes[monthAt_ + 3] !== 0x20) return NaN;
    const month = monthAt(bytes, monthAt_);
    if (month === 0) return NaN;
    const year = four(bytes, monthAt_ + 4);
    if (year >= 1970 && year <= 9999 && bytes[monthAt_ + 8] === 0x20) {
      const date = midnight(year, month, day);
      return date === date ? this.clock(date, bytes, monthAt_ + 9, end) : NaN;
    }
    return this.clockOfYear(month, day, bytes, monthAt_ + 4, end, now);
  }

  /** `29/Nov/2026:10:00:01` and `29-Nov-2026 10:00:01`. */
  private parseNamed(bytes: Uint8Array, at: number, end: number): number {
    const separator = bytes[at + 2];
    if (at + 19 > end || bytes[at + 6] !== separator) return NaN;
    const next = bytes[at + 11];
    const month = monthAt(bytes, at + 3);
    if (month === 0 || (next !== 0x3a && next !== 0x20)) return NaN;
    const date = midnight(four(bytes, at + 7), month, two(bytes, at));
    return date === date ? this.clock(date, bytes, at + 12, end) : NaN;
  }

  /** `29.11.2026`, `11/29/2026`, `29/11/2026`, `26/11/29`, with one or two digits for day and month. */
  private parseParts(bytes: Uint8Array, at: number, end: number, now: number): number {
    const a = isDigit(bytes[at + 1]) ? two(bytes, at) : digit(bytes, at);
    const separatorAt = isDigit(bytes[at + 1]) ? at + 2 : at + 1;
    const separator = bytes[separatorAt];
    const bAt = separatorAt + 1;
    const b = isDigit(bytes[bAt + 1]) ? two(bytes, bAt) : digit(bytes, bAt);
    const secondAt = isDigit(bytes[bAt + 1]) ? bAt + 2 : bAt + 1;
    if (bytes[secondAt] !== separator || a > 99 || b > 31) return NaN;
    const cAt = secondAt + 1;
    if (cAt + 10 > end || !isDigit(bytes[cAt]) || !isDigit(bytes[cAt + 1])) return NaN;
    const year = four(bytes, cAt);
    if (year >= 1970 && year <= 9999) {
      // Nobody writes the month first with dots.
      const date = separator === 0x2e ? midnight(year, b, a) : this.settled(year, a, b, now);
      return this.clockAfter(date, bytes, cAt + 4, end);
    }
    if (isDigit(bytes[cAt + 2]) || separatorAt !== at + 2 || secondAt !== bAt + 2) return NaN;
    return this.clockAfter(this.shortYear(a, b, two(bytes, cAt), bytes, cAt + 2, now), bytes, cAt + 2, end);
  }

  /** Midnight of a date of which it is not written whether the day comes first; NaN as long as nothing shows it. */
  private settled(year: number, a: number, b: number, now: number): number {
    const byDay = midnight(year, b, a);
    const byMonth = midnight(year, a, b);
    if (byDay === byMonth) return byDay;
    // No log is of the future.
    const isByDay = byDay <= now + aheadMs;
    const isByMonth = byMonth <= now + aheadMs;
    if (a > 12 !== b > 12) this.dayFirst = a > 12;
    if (isByDay !== isByMonth) return isByDay ? byDay : byMonth;
    if (this.dayFirst === undefined) return NaN;
    return this.dayFirst ? byDay : byMonth;
  }

  /** A date with two digits for everything: as Spark writes it, or the only one that is not in the future. */
  private shortYear(a: number, b: number, c: number, bytes: Uint8Array, at: number, now: number): number {
    const isPast = (date: number) => date <= now + aheadMs;
    const byYear = midnight(2000 + a, b, c);
    // `26/11/29 10:00:01 INFO Word`
    if (isPast(byYear) && isUpper(bytes[at + 10] ?? 0) && isUpper(bytes[at + 11] ?? 0)) return byYear;
    const dates = [byYear, midnight(2000 + c, a, b), midnight(2000 + c, b, a)].filter(isPast);
    return new Set(dates).size === 1 ? dates[0]! : NaN;
  }

  /** `Nov  6 12:34:56` of RFC 3164, `Nov 6 2026 12:34:56`, `Nov 6, 2026 1:34:56 PM`, `Nov  6 12:34:56 2026`. */
  private parseMonth(bytes: Uint8Array, at: number, end: number, now: number): number {
    const month = monthAt(bytes, at);
    if (month === 0) return NaN;
    let dayAt = at + 4;
    if (bytes[dayAt] === 0x20) dayAt++;
    const isLong = isDigit(bytes[dayAt + 1]);
    const day = isLong ? two(bytes, dayAt) : digit(bytes, dayAt);
    let next = dayAt + (isLong ? 2 : 1);
    if (bytes[next] === 0x2c) next++;
    if (bytes[next] !== 0x20 || next + 9 > end) return NaN;
    next++;
    const year = four(bytes, next);
    if (year < 1970 || year > 9999 || bytes[next + 4] !== 0x20)
      return this.clockOfYear(month, day, bytes, next, end, now);
    const date = midnight(year, month, day);
    return date === date ? this.clock(date, bytes, next + 5, end) : NaN;
  }

  /** `Wed Oct 11 14:32:52.123456 UTC 2026`, as Apache's error log and `date` have it. */
  private parseCtime(bytes: Uint8Array, at: number, end: number): number {
    if (at + 24 > end || bytes[at + 7] !== 0x20) return NaN;
    const month = monthAt(bytes, at + 4);
    if (month === 0) return NaN;
    const day = bytes[at + 8] === 0x20 ? digit(bytes, at + 9) : two(bytes, at + 8);
    return this.clockBeforeYear(month, day, bytes, at + 11, end);
  }

  /** A time of day with its year behind it. */
  private clockBeforeYear(month: number, day: number, bytes: Uint8Array, at: number, end: number): number {
    const ms = clockAt(bytes, at, end);
    return ms === ms ? this.yearBehind(month, day, ms, bytes, end) : NaN;
  }

  /** After the time of day `ms` its year, with a zone before or behind it; what is neither is vague. */
  private yearBehind(month: number, day: number, ms: number, bytes: Uint8Array, end: number): number {
    const zoneAt = clockEnd;
    let yearAt = zoneAt + 1;
    const hasZone = yearAt < end && !isDigit(bytes[yearAt]);
    if (hasZone) {
      while (yearAt < end && yearAt < zoneAt + 12 && isOfZone(bytes[yearAt]!)) yearAt++;
      if (bytes[yearAt] !== 0x20) return NaN;
      yearAt++;
    }
    const year = yearAt + 4 <= end ? four(bytes, yearAt) : 0;
    const isOver = yearAt + 4 >= end || bytes[yearAt + 4] === 0x20 || bytes[yearAt + 4] === 0x5d;
    const date = bytes[zoneAt] === 0x20 && isOver ? midnight(year, month, day) : NaN;
    if (date !== date) return NaN;
    if (!hasZone) {
      this.end = yearAt + 4;
      return this.inZone(date + ms, bytes, yearAt + 4, end);
    }
    this.end = zoneAt;
    const time = this.inZone(date + ms, bytes, zoneAt, end);
    // Between the clock and the year there is nothing but a zone.
    if (this.end !== yearAt - 1) return this.vague();
    this.end = yearAt + 4;
    return time;
  }

  /** `I1126 12:34:56.123456` of klog and glog. */
  private parseKlog(bytes: Uint8Array, at: number, end: number, now: number): number {
    if (at + 14 > end) return NaN;
    const clock = bytes[at + 6] === 0x20 ? at + 7 : at + 6;
    return this.clockOfYear(two(bytes, at + 1), two(bytes, at + 3), bytes, clock, end, now);
  }

  /** A date without a year is the last one before `now`, or a little later: clocks differ. */
  private clockOfYear(
    month: number,
    day: number,
    bytes: Uint8Array,
    at: number,
    end: number,
    now: number,
  ): number {
    const ms = clockAt(bytes, at, end);
    if (ms !== ms) return NaN;
    const clockEndsAt = clockEnd;
    const after = clockEndsAt + 1 < end && bytes[clockEndsAt] === 0x20 ? bytes[clockEndsAt + 1]! : 0;
    if (isDigit(after) || isUpper(after) || isSign(after)) {
      const withYear = this.yearBehind(month, day, ms, bytes, end);
      if (withYear === withYear || this.isVague) return withYear;
    }
    this.end = clockEndsAt;
    const latestTime = now + aheadMs;
    const key = month * 32 + day;
    if (key === this.placedKey && latestTime < this.placedUntil) {
      const time = this.inZone(this.placedDate + ms, bytes, clockEndsAt, end);
      if (time !== time || time <= this.latestAt(now)) return time;
    }
    const latest = new Date(latestTime).getUTCFullYear() + 1;
    for (let year = latest; year >= latest - mostYears; year--) {
      const date = midnight(year, month, day);
      if (date !== date) continue;
      this.end = clockEndsAt;
      const time = this.inZone(date + ms, bytes, clockEndsAt, end);
      if (time !== time) return time;
      if (time > this.latestAt(now)) continue;
      this.placedKey = key;
      this.placedDate = date;
      this.placedUntil = date + leastYearMs;
      return time;
    }
    return NaN;
  }

  /** The latest that the clock of the last time may show at `now`. */
  private latestAt(now: number): number {
    return now + (this.isCertain ? skewMs : aheadMs);
  }

  /** After what may stand between a date and a time of day. */
  private clockAfter(date: number, bytes: Uint8Array, at: number, end: number): number {
    let next = at;
    while (next < at + 3 && isBetween[bytes[next]!] === 1) next++;
    if (next === at) return NaN;
    if (date === date) {
      const time = this.clock(date, bytes, next, end);
      if (time === time || this.isVague || (bytes[at]! | 0x20) !== 0x74) return time;
      const ms = isoClockAt(bytes, next, end);
      if (ms !== ms) return NaN;
      this.end = clockEnd;
      return this.inZone(date + ms, bytes, clockEnd, end);
    }
    // A date that says too little: what comes later in the line is not its own.
    return clockAt(bytes, next, end) >= 0 ? this.vague() : NaN;
  }

  private clock(date: number, bytes: Uint8Array, at: number, end: number): number {
    const ms = clockAt(bytes, at, end);
    if (ms !== ms) return NaN;
    this.end = clockEnd;
    return this.inZone(date + ms, bytes, clockEnd, end);
  }

  /** A clock in the zone that is written at `at`, or else that of the host; vague if what looks like a zone is none. */
  private inZone(local: number, bytes: Uint8Array, at: number, end: number): number {
    this.isCertain = true;
    const byte = at < end ? bytes[at]! : 0;
    if (isLetter(byte)) {
      if ((byte | 0x20) === 0x7a && !(at + 1 < end && isLetter(bytes[at + 1]!))) {
        this.end = at + 1;
        return local;
      }
      const time = this.named(local, bytes, at, end);
      if (time === time || this.isVague) return time;
    } else if (isSign(byte)) {
      const offset = this.offset(bytes, at, end);
      if (offset === offset) return local - offset;
      if (at + 1 < end && isDigit(bytes[at + 1])) return this.vague();
    } else if (byte === 0x20 || byte === 0x09 || byte === 0x28 || byte === 0x5b) {
      const first = at + 1 < end ? bytes[at + 1]! : 0;
      // `(UTC+2)`, `[CEST]`
      const next = first === 0x28 || first === 0x5b ? at + 2 : at + 1;
      if (next < end && (isSign(bytes[next]!) || isLetter(bytes[next]!))) {
        const time = isSign(bytes[next]!)
          ? this.apart(local, bytes, next, end)
          : this.named(local, bytes, next, end);
        if (time === time || this.isVague) return time;
      }
    }
    this.isCertain = this.hostIsCertain;
    return this.byHost(local);
  }

  /** UTC of a local time of the host. */
  private byHost(local: number): number {
    return local >= this.steadyFrom && local < this.steadyTo
      ? local - this.steadyOffset
      : this.askHost(local);
  }

  private askHost(local: number): number {
    const steady = this.clockOfHost.steadyAround(local);
    if (steady) {
      this.steadyFrom = steady.from;
      this.steadyTo = steady.to;
      this.steadyOffset = steady.offsetMs;
    }
    return this.clockOfHost.toUtc(local, this.last);
  }

  /** `+hh:mm`, `+hhmm` or `+hh` in milliseconds east; NaN if it is none of them. */
  private offset(bytes: Uint8Array, at: number, end: number): number {
    if (at + 3 > end) return NaN;
    const hours = two(bytes, at + 1);
    if (hours > 18) return NaN;
    let next = at + 3;
    let minutes = 0;
    const colon = next < end && bytes[next] === 0x3a ? 1 : 0;
    if (next + colon + 2 <= end && two(bytes, next + colon) <= 59) {
      minutes = two(bytes, next + colon);
      next += colon + 2;
    }
    if (next < end && isDigit(bytes[next])) return NaN;
    this.end = next;
    return (bytes[at] === 0x2d ? -1 : 1) * (hours * hourMs + minutes * 60_000);
  }

  /** A clock with an offset after a blank. `-10` may be any number, unless the host has that offset; `-03` is none. */
  private apart(local: number, bytes: Uint8Array, at: number, end: number): number {
    const before = this.end;
    const offset = this.offset(bytes, at, end);
    if (offset !== offset) return NaN;
    if (this.end > at + 3) return local - offset;
    const isAlone = this.end >= end || endsWord[bytes[this.end]!] === 1;
    if (isAlone && bytes[at + 1] === 0x30) return local - offset;
    this.end = before;
    if (!isAlone || Math.abs(offset) > 14 * hourMs) return NaN;
    return local - this.byHost(local) === offset ? local - offset : this.vague();
  }

  /** `UTC`, `CEST`, `GMT+2`, `Europe/Berlin`; NaN for what is not the name of a zone, such as a level. */
  private named(local: number, bytes: Uint8Array, at: number, end: number): number {
    if (!isUpper(bytes[at]!))
      return isUniversal(bytes, at, end) ? this.universal(local, bytes, at + 3, end) : NaN;
    let key = 0;
    let next = at;
    while (next < end && next < at + 6 && isUpper(bytes[next]!)) key = key * 32 + bytes[next++]! - 64;
    const after = next < end ? bytes[next]! : 0x20;
    if (after === 0x2f || after === 0x2e || isLetter(after)) return this.namedInFull(local, bytes, at, end);
    if (endsZone[key & 31] !== 1 || after === 0x5f || after === 0x3d) return NaN;
    const hours = zonesByKey.get(key);
    if (hours === undefined) return NaN;
    if (universal.has(key)) return this.universal(local, bytes, next, end);
    // `EST5EDT` is a zone, `CET-web-01` a name.
    if (isDigit(after)) return this.vague();
    if (isSign(after)) return next + 1 < end && isDigit(bytes[next + 1]) ? this.vague() : NaN;
    const own = local - this.byHost(local);
    const hour = hours.find((one) => one * hourMs === own) ?? hours[0]!;
    if (hour !== hour) return this.vague();
    this.end = next;
    return local - hour * hourMs;
  }

  /** A clock in UTC, or as far from it as is written at `at`: `+2`, `+0200`, `-03:30`, ` +02:00`. */
  private universal(local: number, bytes: Uint8Array, at: number, end: number): number {
    const after = at < end ? bytes[at]! : 0;
    if (isDigit(after) || after > 127) return this.vague();
    const next = at + 1 < end ? bytes[at + 1]! : 0;
    if (after === 0x20 && isSign(next)) {
      const offset = this.offset(bytes, at + 1, end);
      // Not `UTC -10 items`.
      if (offset === offset && this.end > at + 4) return local - offset;
    } else if (isSign(after) && isDigit(next)) {
      const offset = this.offset(bytes, at, end);
      return offset === offset ? local - offset : this.shortOffset(local, bytes, at, end);
    } else if (isSign(after) && isLetter(next)) return NaN;
    this.end = at;
    return local;
  }

  /** `+2` and `+5:30`. */
  private shortOffset(local: number, bytes: Uint8Array, at: number, end: number): number {
    let next = at + 2;
    let minutes = 0;
    if (next + 3 <= end && bytes[next] === 0x3a && two(bytes, next + 1) <= 59) {
      minutes = two(bytes, next + 1);
      next += 3;
    }
    if (next < end && isDigit(bytes[next])) return this.vague();
    this.end = next;
    return local - (bytes[at] === 0x2d ? -1 : 1) * (digit(bytes, at + 1) * hourMs + minutes * 60_000);
  }

  private namedInFull(local: number, bytes: Uint8Array, at: number, end: number): number {
    let next = at;
    let slash = 0;
    for (; next < end && next < at + 40; next++) {
      const byte = bytes[next]!;
      if (byte === 0x2f) slash ||= next;
      else if (!isLetter(byte) && byte !== 0x5f && !(slash > 0 && (isSign(byte) || isDigit(byte)))) break;
    }
    if (slash === 0) return isEnglishName(bytes, next, Math.min(end, at + 48)) ? this.vague() : NaN;
    const text = (to: number) => String.fromCharCode(...bytes.subarray(at, to));
    if (!areas.has(text(slash).toLowerCase())) return NaN;
    const zone = namedZone(text(next));
    if (!zone) return this.vague();
    this.end = next;
    return zone.toUtc(local, this.last);
  }

  private vague(): number {
    this.isVague = true;
    return NaN;
  }
}

/** Whether it begins as klog does: its level, the month, and a blank after the day. */
export function isKlog(bytes: Uint8Array, at: number): boolean {
  const second = bytes[at + 1];
  if ((second !== 0x30 && second !== 0x31) || bytes[at + 5] !== 0x20) return false;
  const first = bytes[at];
  return first === 0x49 || first === 0x57 || first === 0x45 || first === 0x46;
}
