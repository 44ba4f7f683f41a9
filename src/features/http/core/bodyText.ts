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
  const json = text.replace(/^\ufeff/, '');
  try {
    JSON.parse(json);
  } catch {
    return undefined;
  }
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
