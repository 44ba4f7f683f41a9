import { escapeEnd, levelInText, levelOfNumber, levelOfWord, severityLevels } from './recogniseLevel';
import type { LogFormat, LogSource } from '../logSource';
import { type LogZone, zoneClock } from './logZone';
import { isKlog, TimeReader } from './timeReader';

/** Names of the fields with the time and the level, in the order of preference. */
export const timeKeys = [
  ...['time', 'ts', '@timestamp', 'timestamp', 't', '@t', 'asctime', 'datetime', 'date', 'eventTime'],
  ...['t.$date', 'instant.epochSecond', '__REALTIME_TIMESTAMP'],
];
export const levelKeys = [
  ...['level', 'severity', 'lvl', 'levelname', 'log.level', 'loglevel', 'severity_text', 'priority'],
  ...['@l', 's', 'PRIORITY'],
];
/** Of those, the ones whose numbers are severities of syslog. */
const severityKeys = keysOf(['priority', 'PRIORITY', 'severity']);

/** Bytes of a line that are looked at for its time and level. */
const searched = 4096;
/** Bytes of text before a time. */
const timeSearched = 64;

const quote = 0x22;
const backslash = 0x5c;
const escape = 0x1b;

/**
 * Tells the time and level of the lines of one stream from their bytes, without decoding them. After `read`, `time` is
 * NaN and `level` 0 where the line tells none.
 */
export class LineRecogniser {
  time = NaN;
  level = 0;
  private readonly times = new TimeReader();
  private readonly keys: FieldKeys;
  /** Where, after the start of a line, the last time stood. */
  private lastAt = 0;
  private isObject = false;
  /** Of the last line that was not bare. */
  private recordIsObject = false;

  constructor(
    private readonly format: LogFormat,
    fields: LogSource['fields'] = {},
  ) {
    const own = (key: string | undefined, usual: readonly string[]) => (key === undefined ? usual : [key]);
    this.keys = fieldKeys(own(fields.time, timeKeys), own(fields.level, levelKeys));
  }

  /** The zone of the host that times without a zone are in. */
  set zone(zone: LogZone) {
    this.times.zone = zoneClock(zone);
  }

  /** Whether the zone of `time` was written, or that of the host is known for the whole year. */
  get isCertain(): boolean {
    return this.times.isCertain;
  }

  /**
   * Whether the last line has nothing of a record's beginning: no time, not even one that says too little, and no level.
   * An object of JSON is a record of its own, and ends with its line.
   */
  get continuesRecord(): boolean {
    return this.isBare && !this.recordIsObject;
  }

  private get isBare(): boolean {
    return this.time !== this.time && this.level === 0 && !this.isObject && !this.times.isVague;
  }

  /** @param now milliseconds since 1970, when the line was written at the latest, for times without a year */
  read(bytes: Uint8Array, start: number, end: number, now: number): void {
    if (!this.isBare) this.recordIsObject = this.isObject;
    this.time = NaN;
    this.level = 0;
    this.isObject = false;
    this.times.isVague = false;
    if (end - start < 3) return;
    const first = bytes[start]!;
    this.isObject = first === 0x7b;
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
    const { times } = this;
    // Where it stood in the line before, it mostly stands again.
    let at = start + this.lastAt;
    this.time = times.read(bytes, at, end, now);
    if (this.time !== this.time && (this.lastAt > 0 || !times.isVague)) {
      if (this.search(bytes, start, end, now)) at = start + this.lastAt;
      else if (!times.isVague && this.looksLikeLogfmt(bytes, start, end))
        return this.readLogfmt(bytes, start, end, now);
    }
    const hasTime = this.time === this.time;
    // A CLF line tells its level by its status.
    if (hasTime && bytes[at - 1] === 0x5b && bytes[at + 2] === 0x2f)
      return this.readStatus(bytes, times.end, end);
    if (this.level > 0) return;
    if (hasTime) {
      this.level = this.lastAt > 3 ? levelInText(bytes, start, at) : 0;
      if (this.level === 0) this.level = levelInText(bytes, times.end, end);
      if (this.level === 0) this.level = isKlog(bytes, start) ? klogLevel(bytes[start]!) : 0;
      if (this.level === 0) this.level = redisLevel(bytes, start, times.end, end);
    } else this.level = levelInText(bytes, start, end);
  }

  /** Looks for a time in the first bytes of a line. */
  private search(bytes: Uint8Array, start: number, end: number, now: number): boolean {
    const { times } = this;
    const limit = Math.min(end - 8, start + timeSearched);
    let before = 0x20;
    for (let at = start; at <= limit; at++) {
      const byte = bytes[at]!;
      if (byte === escape) {
        at = escapeEnd(bytes, at, limit);
        before = 0x20;
        continue;
      }
      const isStart = !isWordByte(before);
      before = byte;
      if (!isStart || !mayBeTime(bytes, at, byte)) continue;
      const time = times.read(bytes, at, end, now);
      // The line has a time that says too little: one behind it is not its own.
      if (times.isVague) return false;
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
      const time = this.times.readClf(bytes, at + 1, end);
      if (time !== time) continue;
      this.time = time;
      this.lastAt = at + 1 - start;
      return true;
    }
    return false;
  }

  private readClf(bytes: Uint8Array, start: number, end: number): void {
    const time = this.times.readClf(bytes, start + this.lastAt, end);
    if (time === time) this.time = time;
    else if (!this.searchClf(bytes, start, end)) return;
    this.readStatus(bytes, this.times.end, end);
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
      this.take(bytes, key, keyEnd, value, valueEnd, now, this.keys);
      if (this.time === this.time && this.level > 0) return;
    }
  }

  private readJson(bytes: Uint8Array, start: number, end: number, now: number, keys = this.keys): void {
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
        this.take(bytes, key, keyEnd, value + 1, valueEnd, now, keys);
        at = valueEnd + 1;
      } else if (bytes[value] === 0x7b || bytes[value] === 0x5b) {
        at = nestedEnd(bytes, value, end);
        const inner = keys.inner.find(({ key: own }) => isOneOf(bytes, key, keyEnd, own));
        if (inner && bytes[value] === 0x7b) this.readJson(bytes, value, at, now, inner.keys);
      } else {
        while (at < end && bytes[at] !== 0x2c && bytes[at] !== 0x7d) at++;
        this.take(bytes, key, keyEnd, value, at, now, keys);
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
    keys: FieldKeys,
  ): void {
    if (this.time !== this.time && isOneOf(bytes, key, keyEnd, keys.time)) {
      this.time = this.times.read(bytes, value, end, now);
    } else if (this.level === 0 && isOneOf(bytes, key, keyEnd, keys.level)) {
      const first = bytes[value]!;
      // The letters of klog, and of MongoDB, which numbers its D.
      if (end - value < 3 && !(first >= 0x30 && first <= 0x39)) this.level = levelOfLetter(first);
      else if (first < 0x30 || first > 0x39) this.level = levelOfWord(bytes, value, end);
      else if (end - value === 1 && isOneOf(bytes, key, keyEnd, severityKeys))
        this.level = severityLevels[first - 0x30] ?? 0;
      else this.level = levelOfNumber(smallNumber(bytes, value, end));
    }
  }
}

/** Keys of fields by their length in bytes. */
type Keys = readonly (readonly Uint8Array[] | undefined)[];

function keysOf(names: readonly string[]): Keys {
  const keys: Uint8Array[][] = [];
  for (const name of names) {
    const key = Buffer.from(name);
    (keys[key.length] ??= []).push(key);
  }
  return keys;
}

/** Keys of fields, and those of objects in fields: `log.level` is also `level` in `log`. */
interface FieldKeys {
  readonly time: Keys;
  readonly level: Keys;
  readonly inner: readonly { readonly key: Keys; readonly keys: FieldKeys }[];
}

function fieldKeys(time: readonly string[], level: readonly string[]): FieldKeys {
  const heads = new Set(
    [...time, ...level].filter((key) => key.includes('.')).map((key) => key.split('.')[0]!),
  );
  const within = (head: string, keys: readonly string[]) =>
    keys.filter((key) => key.startsWith(`${head}.`)).map((key) => key.slice(head.length + 1));
  return {
    time: keysOf(time),
    level: keysOf(level),
    inner: [...heads].map((head) => ({
      key: keysOf([head]),
      keys: fieldKeys(within(head, time), within(head, level)),
    })),
  };
}

/** The level of the letter with which klog begins: I, W, E or F; 0 if it is none. */
function klogLevel(letter: number): number {
  return letter === 0x49 ? 3 : letter === 0x57 ? 5 : letter === 0x45 ? 6 : letter === 0x46 ? 7 : 0;
}

function levelOfLetter(letter: number): number {
  return letter === 0x44 ? 2 : klogLevel(letter);
}

/** Redis marks its lines behind the time: `.` debug, `-` verbose, `*` notice, `#` warning. */
function redisLevel(bytes: Uint8Array, start: number, at: number, end: number): number {
  const first = bytes[start]!;
  const isRedis = first === 0x5b || (first >= 0x30 && first <= 0x39);
  if (!isRedis || at + 2 >= end || bytes[at] !== 0x20 || bytes[at + 2] !== 0x20) return 0;
  const mark = bytes[at + 1];
  if (mark === 0x2a) return 4;
  if (mark === 0x23) return 5;
  // Others write a dash or a dot there, too.
  if (!redisRole.test(String.fromCharCode(...bytes.subarray(start, Math.min(at, start + 16))))) return 0;
  return mark === 0x2d ? 3 : mark === 0x2e ? 2 : 0;
}
const redisRole = /^(?:\d+:[XCSM] |\[\d+\] )\d/;

/** Whether a time may begin here: a digit, or a name of a month or a day, or klog's letter. */
function mayBeTime(bytes: Uint8Array, at: number, byte: number): boolean {
  if (byte >= 0x30 && byte <= 0x39) return true;
  return bytes[at + 3] === 0x20 || (bytes[at + 5] === 0x20 && isKlog(bytes, at));
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

function isOneOf(bytes: Uint8Array, start: number, end: number, byLength: Keys): boolean {
  const keys = byLength[end - start];
  if (keys === undefined) return false;
  const length = end - start;
  next: for (let index = 0; index < keys.length; index++) {
    const key = keys[index]!;
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
