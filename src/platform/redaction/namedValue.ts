import type { KeyKind } from './secretNames';
import { exact, isQuote, type Span } from './spans';

/** Where a value is and what is known about it from its name. */
interface Place {
  /** Where the name begins. */
  readonly start: number;
  /** Where the value begins. */
  readonly from: number;
  readonly kind: Exclude<KeyKind, undefined>;
  /** Whether the value may be a word of a sentence, as after a colon. */
  readonly isWord: boolean;
  /** What is directly before the name: a quote may be open there. */
  readonly opening: string | undefined;
}

/** In quotes, in those of JSON in JSON, and a word. */
const quoted = { '"': /(?:[^"\\\r\n]|\\.)+/y, "'": /(?:[^'\\\r\n]|\\.)+/y };
const typographic = /[^”\r\n]+/y;
const escaped = /[^"'\\\r\n]+/y;
const bare = /[^\s"'“”&;<>|`，；。]+/y;
/** The same where a backslash keeps a blank. */
const shellBare = /(?:\\[ \t]|[^\s"'“”&;<>|`，；。])+/y;
/** To the quote that is open before the name, or to the next name of a connection string. */
const toQuote = {
  '"': /[^"\s]*(?:[ \t]+(?![\w.-]{1,64}=)[^"\s]+)*(?=["\s])/y,
  "'": /[^'\s]*(?:[ \t]+(?![\w.-]{1,64}=)[^'\s]+)*(?=['\s])/y,
};
const array = /\[[^\][]{0,4096}/y;
/** The beginning of a block of YAML. */
const block = /[|>][+\d-]{0,2}[ \t]{0,8}(?:#[^\r\n]*)?(?:\r?\n[ \t]*)*\r?\n([ \t]+)(?=\S)/y;

/** What stands in place of a value, also in brackets. */
const placeholder =
  'true|false|null|none|nil|undefined|yes|no|ok|on|off|enabled|disabled|required|optional|missing|unset|set|empty|hidden|redacted|masked|removed|invalid|valid|incorrect|correct|wrong|expired|changed|accepted|rejected|denied|failed|unknown|present|absent';
/** What is no secret although its name says so: a reference, and what is there in place of a value. */
const noSecret = new RegExp(`^(?:\\$|%[A-Z_]+%|\\{\\{|[[(]?(?:${placeholder}|\\*+|x{3,})[\\])]?$)`, 'i');
/** A sentence in Chinese is none either. */
const isNoSecret = (value: string) =>
  noSecret.test(value) || (value > '\x7f' && /^\p{Script=Han}/u.test(value));
/** What nobody writes as a word of a sentence. */
const looksRandom = /^(?=[^\d]*\d)(?=\S{8})|^(?![a-z]+(?:[-_./:][a-z]+)+$)\S{20}/;

export function namedValue(text: string, { start, from, kind, isWord, opening }: Place): Span | undefined {
  if (text[from] === '\\' && isQuote(text[from + 1])) return exact(escaped, text, from + 2);
  const quote = text[from];
  if (quote === '"' || quote === "'") {
    const triple = quote.repeat(3);
    if (text.startsWith(triple, from)) {
      const close = text.indexOf(triple, from + 3);
      return [from + 3, close < 0 ? text.length : close];
    }
    const span = exact(quoted[quote], text, from + 1);
    // The quotes of a shell are a part of the value.
    return span && !isWord && text[span[1]] === quote ? [from, span[1] + 1] : span;
  }
  if (quote === '“') {
    const span = exact(typographic, text, from + 1);
    return span && (kind === 'password' || looksRandom.test(text.slice(...span))) ? span : undefined;
  }
  if (quote === '[') return arrayValue(text, from, kind);
  if (isWord && (quote === '|' || quote === '>')) return blockValue(text, start, from);
  // A comparison, a name of another kind, a URL.
  if (quote === '=' || (isWord && (quote === ':' || quote === '/'))) return undefined;
  const span = exact(isWord ? bare : shellBare, text, from);
  if (!span) return undefined;
  const value = text.slice(...span).replace(/[,.)}\]]+$/, '');
  if (value === '' || isNoSecret(value)) return undefined;
  if (!isWord && isQuote(opening)) {
    const whole = exact(toQuote[opening as '"'], text, from);
    if (whole && whole[1] > span[1] && text[whole[1]] === opening) return whole;
  }
  const found: Span = [from, from + value.length];
  return !isWord || looksRandom.test(value) || (kind === 'password' && endsLine(text, found[1]))
    ? found
    : undefined;
}

/** Passwords in a list, and tokens in one where they are not names. */
function arrayValue(text: string, from: number, kind: Place['kind']): Span | undefined {
  const [, end] = exact(array, text, from)!;
  const items = text.slice(from + 1, end).trim();
  if (items === '' || isNoSecret(items)) return undefined;
  const isSecret = kind === 'password' || items.split(/[\s,"']+/).some((item) => looksRandom.test(item));
  return isSecret ? [from + 1, end] : undefined;
}

/** The lines of a block that are indented more than its key. */
function blockValue(text: string, start: number, from: number): Span | undefined {
  block.lastIndex = from;
  const match = block.exec(text);
  if (!match) return undefined;
  const before = text.slice(Math.max(0, start - 128), start);
  const indent = before.slice(before.lastIndexOf('\n') + 1).length;
  const { length } = match[1]!;
  if (length <= indent) return undefined;
  const first = from + match[0].length;
  let end = first;
  for (;;) {
    const next = text.indexOf('\n', end);
    if (next < 0) return [first, text.length];
    const indented = /^[ \t]*/.exec(text.slice(next + 1, next + 1 + length))![0].length;
    if (indented < length && !/^[ \t]*\r?\n/.test(text.slice(next + 1, next + 3 + length)))
      return [first, next];
    end = next + 1;
  }
}

/** Whether nothing but the end of what surrounds it follows: not a word of a sentence. */
function endsLine(text: string, at: number): boolean {
  return /^[,)}\]"'”，；。]*[ \t]{0,8}(?:$|[\r\n,)}\]"'”，；。])/.test(text.slice(at, at + 16));
}
