import { isUtf8 } from 'node:buffer';

/** The text of a value; undefined when it is none: it is no UTF-8, or has NUL bytes. */
export function valueText(value: Buffer): string | undefined {
  return isUtf8(value) && !value.includes(0) ? value.toString() : undefined;
}

export type ValueLanguage =
  'json' | 'yaml' | 'toml' | 'properties' | 'ini' | 'xml' | 'shellscript' | 'plaintext';

const bySuffix: Readonly<Record<string, ValueLanguage>> = {
  json: 'json',
  yaml: 'yaml',
  yml: 'yaml',
  toml: 'toml',
  properties: 'properties',
  env: 'properties',
  ini: 'ini',
  conf: 'ini',
  xml: 'xml',
  sh: 'shellscript',
};

/** The longest value whose text is looked at; longer ones go by their suffix alone. */
const maxLookedAt = 100_000;

/** The language of a value by the suffix of its key, else by what it looks like. */
export function valueLanguage(key: Buffer, text: string): ValueLanguage {
  const suffix = /\.([a-z]+)$/i.exec(key.toString('latin1'))?.[1]?.toLowerCase() ?? '';
  const named = Object.hasOwn(bySuffix, suffix) ? bySuffix[suffix] : undefined;
  if (named || text.length > maxLookedAt) return named ?? 'plaintext';
  const start = text.trimStart();
  if (/^[[{]/.test(start) && isJson(start)) return 'json';
  if (/^<(\?xml|[a-z])/i.test(start)) return 'xml';
  if (/^#!.*sh\b/.test(text)) return 'shellscript';
  const lines = text.split('\n', 200).filter((line) => !/^\s*(#.*)?$/.test(line));
  if (lines.length === 0) return 'plaintext';
  const all = (pattern: RegExp) => lines.every((line) => pattern.test(line));
  if (lines.some((line) => /^\[[^\]]+\]$/.test(line)) && all(/^\[.*\]$|^\s*[\w."-]+\s*=/)) return 'toml';
  if (all(/^[\w.-]+\s*=/)) return 'properties';
  if (lines.some((line) => /^[\w."'/-]+:(\s|$)/.test(line)) && all(/^\s*(- |[\w."'/ -]+:(\s|$)|[-\w"'{[])/))
    return 'yaml';
  return 'plaintext';
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
