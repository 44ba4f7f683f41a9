import { isCredentialHeader, keyKind } from './secretNames';
import { each, type Finder, type Span } from './spans';

const separator = /[:=]/g;
const longestName = 128;
const mostBlanks = 8;

const isBlank = (char: string | undefined) => char === ' ' || char === '\t';
const isQuote = (char: string | undefined) => char === '"' || char === "'";

/** To the end of the line or of the quotes, for headers. */
const line = /[^"'\r\n]+/y;
/** In quotes, in those of JSON in JSON, and a word. */
const quoted = { '"': /(?:[^"\\\r\n]|\\.)*/y, "'": /(?:[^'\\\r\n]|\\.)*/y };
const escaped = /[^"'\\\r\n]*/y;
const bare = /[^\s"'&;<>|`]+/y;

/** What is no secret although its name says so: a reference, and what is there in place of a value. */
const noSecret = /^(?:\$|%[A-Z_]+%|\{\{|(?:true|false|null|none|nil|undefined|yes|no|\*+|x{3,})$)/i;
/** What nobody writes as a word of a sentence. */
const looksRandom = /^(?=[^\d]*\d)(?=\S{8})|^\S{20}/;

/** Values by their names: `Authorization: …`, `{"token": "…"}`, `PGPASSWORD=…`, `password: …`. */
export const namedSecrets: Finder = function* (text) {
  let past = 0;
  for (const { index } of each(separator, text)) {
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
  const isQuoted = isQuote(text[end - 1]);
  if (isQuoted) end -= text[end - 2] === '\\' ? 2 : 1;
  let start = end;
  while (end - start < longestName && /[\w.-]/.test(text[start - 1] ?? '')) start--;
  // Parameters of a query are found by names of their own.
  if (start === end || /[?&;#%]/.test(text[start - 1] ?? '')) return undefined;
  const name = text.slice(start, end);
  const isColon = text[separator] === ':';
  const isHeader = isColon
    ? isCredentialHeader(name) && !/^token$/i.test(name)
    : /^(?:authorization|cookie)$/i.test(name);
  const kind = keyKind(name.replace(/^-+/, ''));
  if (!isHeader && !kind) return undefined;

  let from = separator + 1;
  if (isColon || isSpaced || isQuoted) while (from - separator <= mostBlanks && isBlank(text[from])) from++;
  if (isHeader) return exact(line, text, isQuote(text[from]) ? from + 1 : from);
  if (text[from] === '\\' && isQuote(text[from + 1])) return exact(escaped, text, from + 2);
  const quote = text[from];
  if (quote === '"' || quote === "'") {
    const span = exact(quoted[quote], text, from + 1);
    // The quotes of a shell are a part of the value.
    return span && !isColon && text[span[1]] === quote ? [from, span[1] + 1] : span;
  }
  // A comparison, a name of another kind, a URL.
  if (text[from] === '=' || (isColon && (text[from] === ':' || text[from] === '/'))) return undefined;
  const span = exact(bare, text, from);
  if (!span) return undefined;
  const value = text.slice(...span).replace(/[,.)}\]]+$/, '');
  if (value === '' || noSecret.test(value)) return undefined;
  const found: Span = [from, from + value.length];
  return !isColon || looksRandom.test(value) || (kind === 'password' && endsLine(text, found[1]))
    ? found
    : undefined;
}

function exact(expression: RegExp, text: string, from: number): Span | undefined {
  expression.lastIndex = from;
  const match = expression.exec(text);
  return match && match[0] !== '' ? [from, from + match[0].length] : undefined;
}

/** Whether nothing but the end of what surrounds it follows: not a word of a sentence. */
function endsLine(text: string, at: number): boolean {
  return /^[,)}\]"']*[ \t]{0,8}(?:$|[\r\n,)}\]"'])/.test(text.slice(at, at + 16));
}
