import type { LogFormat } from '../logSource';
import { levelOfWord } from './recogniseLevel';

/** Fields of one line at most, and how deep objects are opened. */
const mostFields = 200;
const deepest = 6;

export type Fields = Record<string, string>;

/** The structured fields of a line as text; an object without any if it has none. */
export function extractFields(text: string, format: LogFormat): Fields {
  const fields: Fields = Object.create(null) as Fields;
  const trimmed = text.trimStart();
  if (format !== 'logfmt' && format !== 'clf' && trimmed.startsWith('{') && fromJson(trimmed, fields))
    return fields;
  if (format === 'json') return fields;
  if (format === 'clf' || (format === 'auto' && clfLine.test(text))) return fromClf(text, fields);
  if (format === 'syslog' || format === 'auto') fromSyslog(text, fields);
  fromPairs(text, fields);
  return fields;
}

function fromJson(text: string, fields: Fields): boolean {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return false;
    flatten(value, '', fields, { left: mostFields }, 0);
    return true;
  } catch {
    return false;
  }
}

function flatten(
  value: object,
  prefix: string,
  fields: Fields,
  count: { left: number },
  depth: number,
): void {
  for (const [key, inner] of Object.entries(value) as [string, unknown][]) {
    if (count.left <= 0) return;
    const name = prefix + key;
    if (typeof inner === 'object' && inner !== null && depth < deepest) {
      flatten(inner, `${name}.`, fields, count, depth + 1);
    } else {
      count.left--;
      fields[name] = typeof inner === 'string' ? inner : JSON.stringify(inner);
    }
  }
}

/** The combined log format, as Apache and nginx have it. */
const clfLine =
  /^(\S+) (\S+) (\S+) \[([^\]]{1,64})\] "(?:([A-Z]{1,16}) (\S{1,4096})(?: (HTTP\/[\d.]{1,3}))?|[^"]{0,4096})" (\d{3}) (\d+|-)(?: "([^"]{0,4096})" "([^"]{0,4096})")?/;

const clfNames = [
  'client',
  'ident',
  'user',
  'time',
  'method',
  'path',
  'protocol',
  'status',
  'bytes',
  'referer',
  'agent',
];

function fromClf(text: string, fields: Fields): Fields {
  const match = clfLine.exec(text);
  for (const [index, name] of clfNames.entries()) {
    const value = match?.[index + 1];
    if (value !== undefined && value !== '-') fields[name] = value;
  }
  return fields;
}

const syslogLine =
  /^(?:<\d{1,3}>)?(?:1 )?(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT[\d:.,]{8,24}(?:Z|[+-]\d\d:?\d\d)) ([\w.:-]{1,255}) ([\w./@-]{1,128})(?:\[(\d{1,10})\])?:? /;

function fromSyslog(text: string, fields: Fields): void {
  const [, host, program, pid] = syslogLine.exec(text) ?? [];
  if (host === undefined || program === undefined || isLevel(host) || isLevel(program)) return;
  fields.host = host;
  fields.program = program;
  if (pid !== undefined) fields.pid = pid;
}

/** A level is neither a host nor a program: `TIME ERROR Word: text`. */
function isLevel(token: string): boolean {
  const bytes = Buffer.from(token);
  return /^[TDIWEFC]$/.test(token) || levelOfWord(bytes, 0, bytes.length) > 0;
}

const pair = /(?<![\w.@/-])([A-Za-z_@][\w.@-]{0,63})=(?:"((?:[^"\\]|\\.){0,4096})"|([^\s",;)\]}]{1,4096}))/g;

/** `key=value` and `key="a value"`, wherever they stand. */
function fromPairs(text: string, fields: Fields): void {
  let left = mostFields;
  for (const [, key, quoted, plain] of text.matchAll(pair)) {
    if (left-- <= 0) return;
    fields[key!] = quoted === undefined ? plain! : quoted.replace(/\\(.)/g, '$1');
  }
}
