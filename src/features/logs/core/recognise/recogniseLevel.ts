import { type LogLevel, logLevels } from './logLevel';

const words: Record<Exclude<LogLevel, 'none'>, readonly string[]> = {
  trace: ['trace', 'trc', 'trac', 'verbose', 'finest', 'finer'],
  debug: ['debug', 'dbg', 'debg', 'debu', 'fine'],
  info: ['info', 'inf', 'informational', 'information', 'config'],
  notice: ['notice'],
  warn: ['warn', 'warning', 'wrn'],
  error: ['error', 'err', 'erro', 'eror', 'severe', 'fail'],
  fatal: [
    'fatal',
    'fata',
    'critical',
    'crit',
    'panic',
    'pani',
    'alert',
    'emerg',
    'emergency',
    'ftl',
    'dpanic',
  ],
};

interface Word {
  bytes: Uint8Array;
  level: number;
}

/** By the first letter, in lower case. */
const byLetter: Word[][] = Array.from({ length: 26 }, () => []);
for (const [level, names] of Object.entries(words))
  for (const name of names)
    byLetter[name.charCodeAt(0) - 97]!.push({
      bytes: Buffer.from(name, 'latin1'),
      level: logLevels.indexOf(level as LogLevel),
    });

/** Letters of the longest word. */
const longest = 13;

/** The index in `logLevels` of the word between `start` and `end`, in any case; 0 if it is none. */
export function levelOfWord(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  if (length < 3 || length > longest) return 0;
  const candidates = byLetter[(bytes[start]! | 0x20) - 97];
  if (candidates === undefined) return 0;
  next: for (let index = 0; index < candidates.length; index++) {
    const word = candidates[index]!;
    if (word.bytes.length !== length) continue;
    for (let at = 1; at < length; at++) if ((bytes[start + at]! | 0x20) !== word.bytes[at]) continue next;
    return word.level;
  }
  return 0;
}

/** bunyan and pino number them, from 10 for trace to 60 for fatal. */
export function levelOfNumber(value: number): number {
  return numbered[Math.floor(value / 10)] ?? 0;
}
const numbered = [0, 1, 2, 3, 5, 6, 7];

/** The level of a severity of syslog (RFC 5424, 6.2.1), 0 to 7. */
export const severityLevels = [7, 7, 7, 6, 5, 4, 3, 2] as const;

/** Bytes after the time in which a level is looked for. */
const searched = 96;

/**
 * The level that a line of text names after its time: a word in capitals, or in any case within brackets, between tabs or
 * bars, or before a colon.
 */
export function levelInText(bytes: Uint8Array, start: number, end: number): number {
  const limit = Math.min(end, start + searched);
  let at = start;
  while (at < limit) {
    const first = bytes[at]!;
    if (!isLetter(first)) {
      at = first === 0x1b ? escapeEnd(bytes, at, limit) + 1 : at + 1;
      continue;
    }
    const begin = at;
    while (at < end && isLetter(bytes[at]!)) at++;
    if (at - begin > longest || at - begin < 3) continue;
    const isCapital = (first & 0x20) === 0 && (bytes[begin + 1]! & 0x20) === 0;
    const before = begin > start ? bytes[begin - 1] : 0x20;
    const after = at < end ? bytes[at] : 0x20;
    // Most are words of a sentence.
    if (!isCapital && before === 0x20 && after !== 0x3a) continue;
    // A part of a longer word, of a path or of a name is no level.
    if (before === 0x2f || before === 0x2e || before === 0x5f || before === 0x2d) continue;
    if (after === 0x2e || after === 0x5f || after === 0x2d) continue;
    // "TIME: ERROR/MainProcess" of Celery.
    if (after === 0x2f && !(isCapital && before === 0x20 && bytes[begin - 2] === 0x3a)) continue;
    const isMarked =
      ((before === 0x5b || before === 0x3a) && after === 0x5d) ||
      (isBar(before!) && isBar(after!)) ||
      (before === 0x3c && after === 0x3e) ||
      after === 0x3a ||
      before === 0x3d;
    if (!isCapital && !isMarked) continue;
    const level = levelOfWord(bytes, begin, at);
    if (level > 0) return level;
  }
  return 0;
}

/** A tab or a bar: what stands between two of them is a column. */
function isBar(byte: number): boolean {
  return byte === 0x09 || byte === 0x7c;
}

/** The last byte of the escape sequence of a terminal that begins at `at`, which colours what follows. */
export function escapeEnd(bytes: Uint8Array, at: number, end: number): number {
  if (bytes[at + 1] !== 0x5b) return at;
  let last = at + 2;
  while (last < end && last < at + 24 && !isLetter(bytes[last]!)) last++;
  return last;
}

function isLetter(byte: number): boolean {
  const lower = byte | 0x20;
  return lower >= 97 && lower <= 122;
}
