/** Names of the field with the message, in the order of preference. */
const messageKeys = ['message', 'msg', '@message', 'event', 'body', 'short_message'];

/** A string, with a colon behind it where it is a key; or a bracket. It ends where it meets anything else. */
const jsonToken = /[^"{}[\]]*(?:"((?:[^"\\]|\\.)*)"(\s*:)?|([{}[\]]))/y;
/** A pair of logfmt, as it begins a line and goes on after the one before. */
const pair = /\s*([\w.@-]{1,64})=(?:"((?:[^"\\]|\\.)*)"|([^\s"]*))(?=\s|$)/y;

/**
 * Where the message of a line of JSON or logfmt stands in it, without its quotes; undefined for other lines, and without
 * a message. `own`: the name of its field where that is none of the usual ones.
 */
export function messageRange(text: string, own?: string): [number, number] | undefined {
  const keys = own === undefined ? messageKeys : [own];
  let best: { rank: number; range: [number, number] } | undefined;
  for (const { key, range } of text.trimStart().startsWith('{') ? jsonStrings(text) : pairs(text)) {
    const rank = keys.indexOf(key);
    if (rank >= 0 && range[0] < range[1] && (!best || rank < best.rank)) best = { rank, range };
  }
  return best?.range;
}

interface Value {
  key: string;
  range: [number, number];
}

/** The strings of the outermost object. */
function* jsonStrings(text: string): Generator<Value> {
  const token = new RegExp(jsonToken);
  let depth = 0;
  let key: string | undefined;
  for (let match; (match = token.exec(text));) {
    const [, string, colon, bracket] = match;
    if (bracket !== undefined) depth += bracket === '{' || bracket === '[' ? 1 : -1;
    const named = key;
    key = string !== undefined && colon !== undefined && depth === 1 ? string : undefined;
    if (string === undefined || colon !== undefined || named === undefined) continue;
    const end = token.lastIndex - 1;
    yield { key: named, range: [end - string.length, end] };
  }
}

function* pairs(text: string): Generator<Value> {
  const token = new RegExp(pair);
  for (let match; (match = token.exec(text));) {
    const [, key, quoted, plain] = match;
    const end = token.lastIndex - (quoted === undefined ? 0 : 1);
    yield { key: key!, range: [end - (quoted ?? plain!).length, end] };
  }
}
