import { isUtf8 } from 'node:buffer';
import { MusterError } from '../../../../platform/errors/errors';
import { t } from '../../../../platform/l10n/l10n';
import type { KeyValue } from '../client/etcdModel';
import { maxFileBytes, prefixFileVersion, type PrefixFileFormat, type PrefixFileHeader } from './prefixFile';
import { valueText } from '../keys/valueText';

/** A key to be written, with its value. */
export type ExportedKey = Pick<KeyValue, 'key' | 'value'> & { /** Seconds. */ ttl?: number };

/**
 * The text of a file with all keys below `header.prefix`, part by part: the same keys always give the same text.
 * @throws MusterError TOO_LARGE beyond 64 MiB
 */
export async function* writePrefixFile(
  header: PrefixFileHeader & { revision: number },
  pages: AsyncIterable<readonly ExportedKey[]>,
  format: PrefixFileFormat,
): AsyncGenerator<string, void, undefined> {
  const syntax = format === 'json' ? jsonSyntax : yamlSyntax;
  let bytes = 0;
  const bounded = (text: string) => {
    bytes += Buffer.byteLength(text);
    if (bytes <= maxFileBytes) return text;
    throw new MusterError('TOO_LARGE', t('the file would be larger than {0} MiB', maxFileBytes / 1024 ** 2), {
      hint: t('Export the folders below the prefix one by one.'),
    });
  };
  yield bounded(syntax.head(header) + syntax.section('keys'));
  let written = 0;
  // Names that are no text stand in a mapping of their own, after the others.
  const binary: string[] = [];
  for await (const page of pages) {
    const parts: string[] = [];
    for (const { key, value, ttl } of page) {
      const name = key.subarray(header.prefix.length);
      if (isUtf8(name)) parts.push(bounded(syntax.entry(name.toString(), value, ttl, written++)));
      else binary.push(bounded(syntax.entry(name.toString('base64'), value, ttl, binary.length)));
    }
    yield parts.join('');
  }
  yield syntax.sectionEnd(written);
  if (binary.length > 0) {
    yield syntax.section('base64Keys');
    yield* binary;
    yield syntax.sectionEnd(binary.length);
  }
  yield syntax.end;
}

interface Syntax {
  head(header: PrefixFileHeader): string;
  section(name: 'keys' | 'base64Keys'): string;
  /** `index` counts the entries of a section. */
  entry(name: string, value: Buffer, ttl: number | undefined, index: number): string;
  sectionEnd(count: number): string;
  end: string;
}

const yamlSyntax: Syntax = {
  head: ({ cluster, prefix, revision }) =>
    [
      `muster: ${prefixFileVersion}\n`,
      ...(cluster === undefined ? [] : [`cluster: ${yamlScalar(cluster)}\n`]),
      isUtf8(prefix)
        ? `prefix: ${yamlScalar(prefix.toString())}\n`
        : `prefixBase64: ${yamlScalar(prefix.toString('base64'))}\n`,
      ...(revision === undefined ? [] : [`revision: ${revision}\n`]),
    ].join(''),
  section: (name) => `${name}:`,
  entry: (name, value, ttl) => {
    const key = yamlScalar(name);
    // YAML has no longer keys without a mark.
    const start = key.length > 1000 ? `\n  ? ${key}\n  :` : `\n  ${key}:`;
    return start + yamlValue(value, ttl);
  },
  sectionEnd: (count) => (count === 0 ? ' {}\n' : '\n'),
  end: '',
};

function yamlValue(value: Buffer, ttl: number | undefined): string {
  const text = valueText(value);
  if (text === undefined) {
    const lease = ttl === undefined ? '' : `, ttl: ${ttl}`;
    return ` { base64: ${yamlScalar(value.toString('base64'))}${lease} }`;
  }
  if (ttl === undefined) return yamlText(text, '    ');
  return `\n    ttl: ${ttl}\n    value:${yamlText(text, '      ')}`;
}

/** What follows a colon. */
function yamlText(text: string, indent: string): string {
  if (!isBlock(text)) return ` ${yamlScalar(text)}`;
  const mark = /^[ \n]/.test(text) ? '2' : '';
  const chomp = !text.endsWith('\n') ? '-' : text.endsWith('\n\n') ? '+' : '';
  const body = text.endsWith('\n') ? text.slice(0, -1) : text;
  const lines = body.split('\n').map((line) => (line === '' ? '' : indent + line));
  return ` |${mark}${chomp}\n${lines.join('\n')}`;
}

/** Several lines that stand in a file as they are. */
function isBlock(text: string): boolean {
  return (
    text.includes('\n') &&
    /\S/.test(text) &&
    // Readers take spaces at the end for none.
    !/\n[ \t]+\n*$/.test(text) &&
    !unreadable.test(text.replace(/[\n\t]/g, ''))
  );
}

/** What is not seen in an editor, or turns the direction of what is. */
const unreadable = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}\ufffe\uffff]/u;
const everyUnreadable = new RegExp(unreadable.source, 'gu');

/** Words that some reader of YAML takes for something else than text. */
const taken = /^(?:true|false|yes|no|on|off|y|n|null|nan|inf)$/i;

function yamlScalar(text: string): string {
  const isPlain =
    /^[A-Za-z/][\w./@+=:-]*(?: [\w./@+=:-]+)*$/.test(text) &&
    !/:(?: |$)| [-:]/.test(text) &&
    !taken.test(text);
  if (isPlain) return text;
  return quoted(text, (character) => {
    const code = character.codePointAt(0)!;
    return code > 0xffff ? `\\U${hex(code, 8)}` : `\\u${hex(code, 4)}`;
  });
}

const jsonSyntax: Syntax = {
  head: ({ cluster, prefix, revision }) => {
    const fields = {
      muster: prefixFileVersion,
      ...(cluster !== undefined && { cluster }),
      ...(isUtf8(prefix) ? { prefix: prefix.toString() } : { prefixBase64: prefix.toString('base64') }),
      ...(revision !== undefined && { revision }),
    };
    const lines = Object.entries(fields).map(
      ([name, value]) => `\n  "${name}": ${typeof value === 'number' ? value : jsonString(value)},`,
    );
    return `{${lines.join('').slice(0, -1)}`;
  },
  section: (name) => `,\n  "${name}": {`,
  entry: (name, value, ttl, index) =>
    `${index === 0 ? '' : ','}\n    ${jsonString(name)}: ${jsonValue(value, ttl)}`,
  sectionEnd: (count) => (count === 0 ? '}' : '\n  }'),
  end: '\n}\n',
};

function jsonValue(value: Buffer, ttl: number | undefined): string {
  const text = valueText(value);
  if (text !== undefined && ttl === undefined) return jsonString(text);
  const content =
    text === undefined ? `"base64": "${value.toString('base64')}"` : `"value": ${jsonString(text)}`;
  return `{ ${content}${ttl === undefined ? '' : `, "ttl": ${ttl}`} }`;
}

function jsonString(text: string): string {
  return quoted(text, (character) =>
    [...Array(character.length).keys()].map((at) => `\\u${hex(character.charCodeAt(at), 4)}`).join(''),
  );
}

/** In double quotes, with what JSON and YAML both escape in the same way. */
function quoted(text: string, escaped: (character: string) => string): string {
  return JSON.stringify(text).replace(everyUnreadable, escaped);
}

function hex(code: number, digits: number): string {
  return code.toString(16).toUpperCase().padStart(digits, '0');
}
