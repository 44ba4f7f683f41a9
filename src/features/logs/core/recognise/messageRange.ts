/** Names of the field with the message, in the order of preference. */
const messageKeys = ['message', 'msg', '@message', 'event', 'body', 'short_message'];

const jsonKey = /[\s,]*"((?:[^"\\]|\\.)*)"\s*:\s*/y;
const jsonString = /"(?:[^"\\]|\\.)*"/y;
/** A string as a whole, or a bracket, after what is neither. */
const jsonToken = /[^"{}[\]]*(?:"(?:[^"\\]|\\.)*"|([{}[\]]))/y;
const jsonWord = /[^\s,}\]]*/y;
/** A pair of logfmt, as it begins a line and goes on after the one before. */
const pair = /\s*([\w.@-]{1,64})=(?:("(?:[^"\\]|\\.)*")|([^\s"]*))(?=\s|$)/y;

/** A field of a line, and where its value stands, a string in its quotes. */
export interface LineField {
  key: string;
  start: number;
  end: number;
}

/** The outermost fields of a line of JSON or logfmt, as far as they are whole. */
export function lineFields(text: string): LineField[] {
  return [...(text.trimStart().startsWith('{') ? jsonFields(text) : pairs(text))];
}

/** The field with the message, a text that is not empty. `own`: its name where that is none of the usual ones. */
export function messageField(
  text: string,
  fields: readonly LineField[],
  own?: string,
): LineField | undefined {
  const keys = own === undefined ? messageKeys : [own];
  const isText = ({ start, end }: LineField) =>
    text[start] === '"' ? end - start > 2 : end > start && !text.trimStart().startsWith('{');
  for (const key of keys) {
    const field = fields.find((one) => one.key === key && isText(one));
    if (field) return field;
  }
  return undefined;
}

/** Where the message of a line of JSON or logfmt stands in it, without its quotes; undefined for other lines, and without a message. */
export function messageRange(text: string, own?: string): [number, number] | undefined {
  const field = messageField(text, lineFields(text), own);
  if (!field) return undefined;
  const quotes = text[field.start] === '"' ? 1 : 0;
  return [field.start + quotes, field.end - quotes];
}

function* jsonFields(text: string): Generator<LineField> {
  let at = text.indexOf('{') + 1;
  for (;;) {
    jsonKey.lastIndex = at;
    const key = jsonKey.exec(text)?.[1];
    if (key === undefined) return;
    const start = jsonKey.lastIndex;
    const end = valueEnd(text, start);
    if (end === undefined) return;
    yield { key, start, end };
    at = end;
  }
}

/** undefined for a value that is cut off. */
function valueEnd(text: string, start: number): number | undefined {
  const isNested = text[start] === '{' || text[start] === '[';
  const token = text[start] === '"' ? jsonString : isNested ? jsonToken : jsonWord;
  token.lastIndex = start;
  for (let depth = 0, match; (match = token.exec(text));) {
    const bracket = isNested ? match[1] : undefined;
    if (bracket !== undefined) depth += bracket === '{' || bracket === '[' ? 1 : -1;
    if (depth === 0) return token.lastIndex;
  }
  return undefined;
}

function* pairs(text: string): Generator<LineField> {
  pair.lastIndex = 0;
  for (let match; (match = pair.exec(text));) {
    const { lastIndex: end } = pair;
    yield { key: match[1]!, start: end - (match[2] ?? match[3]!).length, end };
    pair.lastIndex = end;
  }
}
