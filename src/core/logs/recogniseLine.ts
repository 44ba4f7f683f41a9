import { levelInText, levelOfNumber, levelOfWord, severityLevels } from './recogniseLevel';
import type { LogFormat, LogSource } from './logSource';
import {
  found,
  parseClf,
  parseClockOnly,
  parseCtime,
  parseEpoch,
  parseIso,
  parseKlog,
  parseSyslog,
} from './parseTime';

/** Names of the fields with the time and the level, in the order of preference. */
const timeKeys = ['time', 'ts', '@timestamp', 'timestamp', 't', 'asctime', 'datetime', 'date', 'eventTime'];
const levelKeys = [
  'level',
  'severity',
  'lvl',
  'levelname',
  'log.level',
  'loglevel',
  'severity_text',
  'priority',
];

/** Bytes of a line that are looked at for its time and level. */
const searched = 4096;
/** Bytes of text before a time. */
const timeSearched = 64;

const quote = 0x22;
const backslash = 0x5c;

/**
 * Tells the time and level of the lines of one stream from their bytes, without decoding them. After `read`, `time` is
 * NaN and `level` 0 where the line tells none.
 */
export class LineRecogniser {
  time = NaN;
  level = 0;
  /** Milliseconds east of UTC that times without a zone are in. */
  zoneMs = 0;
  private readonly timeKeys: readonly Uint8Array[];
  private readonly levelKeys: readonly Uint8Array[];
  /** Where, after the start of a line, the last time stood. */
  private lastAt = 0;

  constructor(
    private readonly format: LogFormat,
    fields: LogSource['fields'] = {},
  ) {
    const keys = (own: string | undefined, usual: readonly string[]) =>
      (own === undefined ? usual : [own]).map((key) => Buffer.from(key));
    this.timeKeys = keys(fields.time, timeKeys);
    this.levelKeys = keys(fields.level, levelKeys);
  }

  /** @param now milliseconds since 1970, for times without a year or a day */
  read(bytes: Uint8Array, start: number, end: number, now: number): void {
    this.time = NaN;
    this.level = 0;
    if (end - start < 3) return;
    const first = bytes[start]!;
    if (first === 0x7b && (this.format === 'auto' || this.format === 'json')) {
      this.readJson(bytes, start, Math.min(end, start + searched), now);
      return;
    }
    if (this.format === 'json') return;
    if (this.format === 'clf') return this.readClf(bytes, start, end);
    if (this.format === 'logfmt') return this.readLogfmt(bytes, start, Math.min(end, start + searched), now);
    let at = start;
    if (first === 0x3c) {
      at = this.readPriority(bytes, start, end);
      // The version of RFC 5424.
      if (at > start && bytes[at] === 0x31 && bytes[at + 1] === 0x20) at += 2;
    }
    this.readText(bytes, at, end, now);
  }

  /** `<PRI>` of syslog; where the line goes on. */
  private readPriority(bytes: Uint8Array, start: number, end: number): number {
    let value = 0;
    for (let at = start + 1; at < end && at < start + 5; at++) {
      const byte = bytes[at]!;
      if (byte === 0x3e && at > start + 1) {
        this.level = severityLevels[value & 7]!;
        return at + 1;
      }
      if (byte < 0x30 || byte > 0x39) break;
      value = value * 10 + byte - 0x30;
    }
    return start;
  }

  private readText(bytes: Uint8Array, start: number, end: number, now: number): void {
    // Where it stood in the line before, it mostly stands again.
    const at = start + this.lastAt;
    this.time = this.timeAt(bytes, at, end, now);
    if (this.time === this.time) {
      // A CLF line tells its level by its status.
      if (bytes[at - 1] === 0x5b && bytes[at + 2] === 0x2f) return this.readStatus(bytes, found.end, end);
    } else if (!this.search(bytes, start, end, now)) {
      if (this.looksLikeLogfmt(bytes, start, end)) return this.readLogfmt(bytes, start, end, now);
      found.end = start;
    } else if (bytes[start + this.lastAt - 1] === 0x5b && bytes[start + this.lastAt + 2] === 0x2f) {
      return this.readStatus(bytes, found.end, end);
    }
    if (this.level === 0) {
      const before = this.lastAt > 3 ? levelInText(bytes, start, start + this.lastAt) : 0;
      this.level = before || levelInText(bytes, found.end, end);
    }
    if (this.level === 0 && isKlog(bytes, start)) this.level = klogLevel(bytes[start]!);
  }

  /** Looks for a time in the first bytes of a line. */
  private search(bytes: Uint8Array, start: number, end: number, now: number): boolean {
    const limit = Math.min(end - 8, start + timeSearched);
    let before = 0x20;
    for (let at = start; at <= limit; at++) {
      const byte = bytes[at]!;
      const isStart = !isWordByte(before);
      before = byte;
      if (!isStart || !isWordByte(byte)) continue;
      const time = this.timeAt(bytes, at, end, now);
      if (time !== time) continue;
      this.time = time;
      this.lastAt = at - start;
      return true;
    }
    // "host - user [time]" may be longer.
    return this.searchClf(bytes, start, end);
  }

  private searchClf(bytes: Uint8Array, start: number, end: number): boolean {
    const limit = Math.min(end - 21, start + 512);
    for (let at = start; at < limit; at++) {
      if (bytes[at] !== 0x5b) continue;
      const time = parseClf(bytes, at + 1, end);
      if (time !== time) continue;
      this.time = time;
      this.lastAt = at + 1 - start;
      return true;
    }
    return false;
  }

  private timeAt(bytes: Uint8Array, at: number, end: number, now: number): number {
    if (at + 8 > end) return NaN;
    const first = bytes[at]!;
    if (first >= 0x30 && first <= 0x39) {
      const fifth = bytes[at + 4];
      if (fifth === 0x2d || fifth === 0x2f) return parseIso(bytes, at, end, this.zoneMs);
      if (bytes[at + 2] === 0x3a) return parseClockOnly(bytes, at, end, this.zoneMs, now);
      if (bytes[at + 2] === 0x2f) return parseClf(bytes, at, end);
      return parseEpoch(bytes, at, end);
    }
    if (bytes[at + 3] === 0x20) {
      const time = parseSyslog(bytes, at, end, this.zoneMs, now);
      return time === time ? time : parseCtime(bytes, at, end, this.zoneMs);
    }
    return isKlog(bytes, at) ? parseKlog(bytes, at, end, this.zoneMs, now) : NaN;
  }

  private readClf(bytes: Uint8Array, start: number, end: number): void {
    const time = parseClf(bytes, start + this.lastAt, end);
    if (time === time) this.time = time;
    else if (!this.searchClf(bytes, start, end)) return;
    this.readStatus(bytes, found.end, end);
  }

  /** The status after the quoted request: 500 and more is an error, 400 and more a warning. */
  private readStatus(bytes: Uint8Array, start: number, end: number): void {
    let quotes = 0;
    const limit = Math.min(end, start + searched);
    for (let at = start; at < limit; at++) {
      if (bytes[at] === backslash) at++;
      else if (bytes[at] === quote && ++quotes === 2) {
        const status = bytes[at + 1] === 0x20 && at + 5 <= end ? bytes[at + 2]! : 0;
        this.level = status === 0x35 ? 6 : status === 0x34 ? 5 : status >= 0x31 && status <= 0x33 ? 3 : 0;
        return;
      }
    }
  }

  private looksLikeLogfmt(bytes: Uint8Array, start: number, end: number): boolean {
    const limit = Math.min(end, start + 32);
    for (let at = start; at < limit; at++) {
      if (bytes[at] === 0x3d) return at > start;
      if (!isWordByte(bytes[at]!)) return false;
    }
    return false;
  }

  private readLogfmt(bytes: Uint8Array, start: number, end: number, now: number): void {
    let at = start;
    while (at < end) {
      while (at < end && bytes[at]! <= 0x20) at++;
      const key = at;
      while (at < end && bytes[at] !== 0x3d && bytes[at]! > 0x20) at++;
      if (bytes[at] !== 0x3d || at >= end) continue;
      const keyEnd = at++;
      let value = at;
      let valueEnd: number;
      if (bytes[at] === quote) {
        value++;
        at = valueEnd = stringEnd(bytes, value, end);
        at++;
      } else {
        while (at < end && bytes[at]! > 0x20) at++;
        valueEnd = at;
      }
      this.take(bytes, key, keyEnd, value, valueEnd, now);
      if (this.time === this.time && this.level > 0) return;
    }
  }

  private readJson(bytes: Uint8Array, start: number, end: number, now: number): void {
    let at = start + 1;
    while (at < end) {
      while (at < end && bytes[at] !== quote) at++;
      const key = at + 1;
      const keyEnd = stringEnd(bytes, key, end);
      at = keyEnd + 1;
      while (at < end && (bytes[at] === 0x3a || bytes[at] === 0x20)) at++;
      if (at >= end) return;
      const value = at;
      if (bytes[value] === quote) {
        const valueEnd = stringEnd(bytes, value + 1, end);
        this.take(bytes, key, keyEnd, value + 1, valueEnd, now);
        at = valueEnd + 1;
      } else if (bytes[value] === 0x7b || bytes[value] === 0x5b) at = nestedEnd(bytes, value, end);
      else {
        while (at < end && bytes[at] !== 0x2c && bytes[at] !== 0x7d) at++;
        this.take(bytes, key, keyEnd, value, at, now);
      }
      if (this.time === this.time && this.level > 0) return;
    }
  }

  /** A field: perhaps it is the time or the level. */
  private take(
    bytes: Uint8Array,
    key: number,
    keyEnd: number,
    value: number,
    end: number,
    now: number,
  ): void {
    if (this.time !== this.time && isOneOf(bytes, key, keyEnd, this.timeKeys)) {
      this.time = this.timeAt(bytes, value, end, now);
    } else if (this.level === 0 && isOneOf(bytes, key, keyEnd, this.levelKeys)) {
      const first = bytes[value]!;
      this.level =
        first >= 0x30 && first <= 0x39
          ? levelOfNumber(smallNumber(bytes, value, end))
          : levelOfWord(bytes, value, end);
    }
  }
}

/** The level of the letter with which klog begins: I, W, E or F; 0 if it is none. */
function klogLevel(letter: number): number {
  return letter === 0x49 ? 3 : letter === 0x57 ? 5 : letter === 0x45 ? 6 : letter === 0x46 ? 7 : 0;
}

function isKlog(bytes: Uint8Array, at: number): boolean {
  const second = bytes[at + 1];
  return (second === 0x30 || second === 0x31) && bytes[at + 5] === 0x20 && klogLevel(bytes[at]!) > 0;
}

/** Letters, digits, `_`, `@` and what is beyond ASCII. */
function isWordByte(byte: number): boolean {
  const lower = byte | 0x20;
  return (
    (lower >= 97 && lower <= 122) ||
    (byte >= 0x30 && byte <= 0x39) ||
    byte === 0x5f ||
    byte === 0x40 ||
    byte > 127
  );
}

/** Where the string that begins at `at` is closed. */
function stringEnd(bytes: Uint8Array, at: number, end: number): number {
  for (; at < end; at++) {
    const byte = bytes[at];
    if (byte === quote) return at;
    if (byte === backslash) at++;
  }
  return end;
}

/** What comes after the object or list that begins at `at`. */
function nestedEnd(bytes: Uint8Array, at: number, end: number): number {
  let depth = 0;
  for (; at < end; at++) {
    const byte = bytes[at];
    if (byte === quote) at = stringEnd(bytes, at + 1, end);
    else if (byte === 0x7b || byte === 0x5b) depth++;
    else if ((byte === 0x7d || byte === 0x5d) && --depth === 0) return at + 1;
  }
  return end;
}

function isOneOf(bytes: Uint8Array, start: number, end: number, keys: readonly Uint8Array[]): boolean {
  const length = end - start;
  next: for (let index = 0; index < keys.length; index++) {
    const key = keys[index]!;
    if (key.length !== length) continue;
    for (let at = 0; at < length; at++) if (bytes[start + at] !== key[at]) continue next;
    return true;
  }
  return false;
}

function smallNumber(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end && at < start + 3; at++) value = value * 10 + bytes[at]! - 0x30;
  return value;
}
