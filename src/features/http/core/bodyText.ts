/** Kinds of bodies that editors colour, by their media types. */
const kinds = {
  json: /^(?:application|text)\/(?:[\w.-]+\+)?json$/,
  html: /^(?:text\/html|application\/xhtml\+xml)$/,
  xml: /^(?:application|text|image)\/(?:[\w.-]+\+)?xml$/,
  yaml: /^(?:application|text)\/(?:[\w.-]+\+|x-)?yaml$/,
  javascript: /^(?:application|text)\/(?:x-)?(?:java|ecma)script$/,
  css: /^text\/css$/,
} as const;

export type BodyKind = keyof typeof kinds | 'text';

/** What a body is, as its Content-Type says. */
export function bodyKind(contentType = ''): BodyKind {
  const type = contentType.split(';')[0]!.trim().toLowerCase();
  const names = Object.keys(kinds) as (keyof typeof kinds)[];
  return names.find((name) => kinds[name].test(type)) ?? 'text';
}

/** Nesting below which indenting would take more room than what is indented. */
const deepest = 200;

/**
 * JSON in lines, indented, with every value as it came: numbers keep their digits and texts their escapes. Undefined for
 * what is not JSON, or longer than `most` UTF-16 units when it is indented.
 */
export function indentedJson(text: string, most: number): string | undefined {
  const json = soundJson(text);
  if (json === undefined) return undefined;
  const parts: string[] = [];
  let length = 0;
  let depth = 0;
  for (let at = 0; at < json.length;) {
    const end = tokenEnd(json, at);
    const token = json.slice(at, end);
    at = end;
    if (token <= ' ') continue;
    const isClosing = token === '}' || token === ']';
    if (isClosing) depth--;
    const before = parts.at(-1);
    const isFirst = before === '{' || before === '[';
    if (before === ',' || (isClosing ? !isFirst : isFirst)) {
      const newLine = `\n${'  '.repeat(depth)}`;
      parts.push(newLine);
      length += newLine.length;
    }
    parts.push(token === ':' ? ': ' : token);
    length += token.length;
    if (token === '{' || token === '[') depth++;
    if (depth > deepest || length > most) return undefined;
  }
  return parts.join('');
}

/**
 * The text of the value at a path of names and indexes, without blanks: a number of more digits than JavaScript’s have
 * keeps all of them. Undefined where there is none, and null for what is not JSON.
 */
export function jsonAt(text: string, path: readonly string[]): string | undefined | null {
  const json = soundJson(text);
  if (json === undefined) return null;
  const tokens = tokensOf(json);
  let at: number | undefined = 0;
  for (const key of path) {
    at = memberAt(tokens, at, key);
    if (at === undefined) return undefined;
  }
  return tokens.slice(at, valueEnd(tokens, at)).join('');
}

/** Where the value of a member begins: of an object’s names that are the same the last counts, as in JSON.parse. */
function memberAt(tokens: readonly string[], start: number, key: string): number | undefined {
  const isObject = tokens[start] === '{';
  if (!isObject && tokens[start] !== '[') return undefined;
  let found: number | undefined;
  let at = start + 1;
  for (let index = 0; tokens[at] !== '}' && tokens[at] !== ']'; index++) {
    const name = isObject ? (JSON.parse(tokens[at]!) as string) : `${index}`;
    if (isObject) at += 2;
    if (name === key) found = at;
    at = valueEnd(tokens, at);
    if (tokens[at] === ',') at++;
  }
  return found;
}

function valueEnd(tokens: readonly string[], start: number): number {
  let at = start;
  let depth = 0;
  do {
    const token = tokens[at++]!;
    if (token === '{' || token === '[') depth++;
    else if (token === '}' || token === ']') depth--;
  } while (depth > 0);
  return at;
}

function tokensOf(json: string): string[] {
  const tokens: string[] = [];
  for (let at = 0; at < json.length;) {
    const end = tokenEnd(json, at);
    const token = json.slice(at, end);
    if (token > ' ') tokens.push(token);
    at = end;
  }
  return tokens;
}

/** The text without a byte order mark; undefined where it is not JSON. */
function soundJson(text: string): string | undefined {
  const json = text.replace(/^\ufeff/, '');
  try {
    JSON.parse(json);
    return json;
  } catch {
    return undefined;
  }
}

const structure = new Set('{}[],:');

/** Where the token, or the blank, that begins there ends. */
function tokenEnd(json: string, start: number): number {
  const first = json[start]!;
  let end = start + 1;
  if (first === '"') {
    while (json[end] !== '"') end += json[end] === '\\' ? 2 : 1;
    return end + 1;
  }
  if (structure.has(first) || first <= ' ') return end;
  for (let next = json[end]; next !== undefined && !structure.has(next) && next > ' '; next = json[++end]);
  return end;
}

/** Text of a server with its control characters as pictures, and none that turn its direction. */
export function visibleText(text: string): string {
  return text
    .replace(/\r\n/g, '\n')
    .replace(/[\0-\x08\x0b-\x1f]/g, (control) => String.fromCharCode(0x2400 + control.charCodeAt(0)))
    .replace(/\x7f/g, '\u2421')
    .replace(/[\x80-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
}
