import { namedValue } from './namedValue';
import { isCredentialHeader, keyKind } from './secretNames';
import { each, exact, type Finder, isBlank, isQuote, type Span } from './spans';

const separators = /[:=：＝]/g;
const longestName = 128;
const mostBlanks = 8;

/** To the end of the line or of the quotes, for headers. */
const line = /[^"'”\r\n]+/y;
/** The same with parameters in quotes: `Digest username="me", response="…"`. */
const lineOfParameters = /(?:[^"'”\r\n]|(?<=[\s,;][\w-]{1,32}=)"[^"\r\n]{0,1000}")+/y;
const inQuotes = { '"': /(?:[^"\\\r\n]|\\.)+/y, "'": /[^'\r\n]+/y };
const escaped = /[^"'\\\r\n]+/y;
/** Schemes that one word follows: a quote behind it is not one of a parameter. */
const oneWordScheme = /^(?:bearer|basic|negotiate|token)\b/i;
/** A header of that name which is a setting: `authorization: enabled`. */
const status =
  /^(?:enabled|disabled|required|optional|missing|none|ok|yes|no|true|false|null)[,;.)}\]]*\s*$/i;

/** Values by their names: `Authorization: …`, `{"token": "…"}`, `PGPASSWORD=…`, `password: …`. */
export const namedSecrets: Finder = function* (text) {
  let past = 0;
  for (const { index } of each(separators, text)) {
    if (index < past) continue;
    const span = secretAt(text, index);
    if (!span) continue;
    yield span;
    past = span[1];
  }
};

function secretAt(text: string, separator: number): Span | undefined {
  let end = separator;
  while (separator - end < mostBlanks && isBlank(text[end - 1])) end--;
  const isSpaced = end < separator;
  const isArrow = text[separator] === '=' && text[separator + 1] === '>';
  const isIndex = isArrow && text[end - 1] === ']';
  if (isIndex) end--;
  const isQuoted = isQuote(text[end - 1]);
  if (isQuoted) end -= text[end - 2] === '\\' ? 2 : 1;
  let start = end;
  while (end - start < longestName && isOfName(text[start - 1], isQuoted)) start--;
  // Parameters of a query are found by names of their own.
  if (end - start < 2 || /[?&;#%]/.test(text[start - 1] ?? '')) return undefined;
  const name = unescaped(text.slice(start, end));
  const isColon = text[separator] === ':' || text[separator] === '：';
  const isHeader = isColon
    ? isCredentialHeader(name) && !/^token$/i.test(name)
    : /^(?:authorization|cookie)$/i.test(name);
  const kind = keyKind(name.replace(/^-+/, ''));
  if (!isHeader && !kind) return undefined;

  let from = separator + (isArrow ? 2 : 1);
  if (isColon || isSpaced || isQuoted || isArrow)
    while (from - separator <= mostBlanks && isBlank(text[from])) from++;
  const opening = isQuoted ? undefined : text[start - 1];
  if (isHeader) return headerValue(text, from, opening);
  const isWord = isColon || isArrow;
  if (isArrow && !isIndex && !isQuote(text[from])) return undefined;
  return namedValue(text, { start, from, kind: kind!, isWord, opening });
}

function headerValue(text: string, from: number, opening: string | undefined): Span | undefined {
  if (text[from] === '\\' && isQuote(text[from + 1])) return exact(escaped, text, from + 2);
  const quote = isQuote(text[from]) ? text[from] : opening;
  const isWord = oneWordScheme.test(text.slice(from, from + 10));
  const span = isQuote(text[from])
    ? exact(inQuotes[text[from] as '"'], text, from + 1)
    : isQuote(quote)
      ? exact(inQuotes[quote as '"'], text, from)
      : exact(isWord ? line : lineOfParameters, text, from);
  return span && status.test(text.slice(span[0], Math.min(span[1], span[0] + 40))) ? undefined : span;
}

/** Letters of other scripts are tested last, as that takes longest. */
function isOfName(char: string | undefined, isQuoted: boolean): boolean {
  if (char === undefined) return false;
  return /[\w.-]/.test(char) || (isQuoted && char === '\\') || (char > '\x7f' && /[\p{L}\p{N}]/u.test(char));
}

/** A name of JSON without its escapes: `pass\u0077ord`. */
function unescaped(name: string): string {
  if (!name.includes('\\')) return name;
  const plain = name.replace(/\\u([\da-f]{4})/gi, (_, code: string) =>
    String.fromCharCode(parseInt(code, 16)),
  );
  return plain.slice(plain.lastIndexOf('\\') + 1);
}
