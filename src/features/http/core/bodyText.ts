/** Kinds of bodies that editors colour, by their media types. */
const kinds = {
  json: /^(?:application|text)\/(?:[\w.-]+\+)?json\b/,
  html: /^(?:text\/html|application\/xhtml\+xml)\b/,
  xml: /^(?:application|text|image)\/(?:[\w.-]+\+)?xml\b/,
  yaml: /^(?:application|text)\/(?:[\w.-]+\+|x-)?yaml\b/,
  javascript: /^(?:application|text)\/(?:x-)?(?:java|ecma)script\b/,
  css: /^text\/css\b/,
} as const;

export type BodyKind = keyof typeof kinds | 'text';

/** What a body is, as its Content-Type says. */
export function bodyKind(contentType = ''): BodyKind {
  const type = contentType.trim().toLowerCase();
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
  const json = text.replace(/^\ufeff/, '');
  try {
    JSON.parse(json);
  } catch {
    return undefined;
  }
  const parts: string[] = [];
  let length = 0;
  let depth = 0;
  const add = (part: string) => {
    parts.push(part);
    length += part.length;
  };
  const newLine = () => add(`\n${'  '.repeat(depth)}`);
  for (let at = 0; at < json.length;) {
    const end = tokenEnd(json, at);
    const token = json.slice(at, end);
    at = end;
    if (/^\s/.test(token)) continue;
    const isClosing = token === '}' || token === ']';
    if (isClosing) depth--;
    const before = parts.at(-1);
    const isEmpty = before === '{' || before === '[';
    if (isClosing ? !isEmpty : isEmpty) newLine();
    add(token === ':' ? ': ' : token);
    if (token === '{' || token === '[') depth++;
    if (token === ',') newLine();
    if (depth > deepest || length > most) return undefined;
  }
  return parts.join('');
}

/** Where the token, or the blank space, that begins there ends. */
function tokenEnd(json: string, start: number): number {
  const isIn = (end: number, characters: RegExp) => end < json.length && characters.test(json[end]!);
  let end = start + 1;
  if (json[start] === '"') {
    while (json[end] !== '"') end += json[end] === '\\' ? 2 : 1;
    return end + 1;
  }
  if (/[{}[\],:]/.test(json[start]!)) return end;
  const characters = /\s/.test(json[start]!) ? /\s/ : /[^\s{}[\],:"]/;
  while (isIn(end, characters)) end++;
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
