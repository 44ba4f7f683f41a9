import type { LogSource } from '../logSource';
import { type LineField, lineFields, messageField } from './messageRange';
import { levelOfWord } from './recogniseLevel';
import { levelKeys, timeKeys } from './recogniseLine';

/** What of a line is told beside its text. */
export interface ToldOfLine {
  /** It was recognised, and is shown in a column of its own. */
  hasTime: boolean;
  hasLevel: boolean;
  /** Names of its fields where they are none of the usual ones. */
  fields?: LogSource['fields'];
}

/**
 * A line of JSON or logfmt for reading: its message, of `length` characters, and after it the other fields as
 * `key=value`, without the time and the level where they are told elsewhere. undefined for other lines, and for those
 * without a message.
 */
export function messageFirst(
  line: string,
  { hasTime, hasLevel, fields: own = {} }: ToldOfLine,
): { text: string; length: number } | undefined {
  const fields = lineFields(line);
  const message = messageField(line, fields, own.message);
  if (!message) return undefined;
  const told = (isTold: boolean, name: string | undefined, usual: readonly string[], is: IsValue) => {
    const found = fields.filter(
      (field) =>
        (name === undefined ? usual.includes(field.key) : field.key === name) && is(valueOf(line, field)),
    );
    // Which of several was taken is not known here: none is left out.
    return isTold && found.length === 1 ? found[0] : undefined;
  };
  const left = [
    message,
    told(hasTime, own.time, timeKeys, isTime),
    told(hasLevel, own.level, levelKeys, isLevel),
  ];
  const others = fields.filter((field) => !left.includes(field));
  const shown = plain(valueOf(line, message));
  const rest = others.map((field) => `${plain(field.key)}=${shownValue(valueOf(line, field))}`);
  // What was cut off, or is no field, is not lost: it stands at the end as it is.
  const tail = line.slice(fields.at(-1)!.end).replace(/^[\s,}]+$/, '');
  return {
    text: [shown, ...(rest.length > 0 ? [rest.join(' ')] : []), ...(tail === '' ? [] : [tail.trim()])].join(
      '  ',
    ),
    length: shown.length,
  };
}

type IsValue = (value: string) => boolean;
const isTime: IsValue = (value) => /(?:\d\D*){6}/.test(value.slice(0, 40));
const isLevel: IsValue = (value) => {
  const word = Buffer.from(isQuoted(value) ? value.slice(1, -1) : value);
  return /^"?\d{1,2}"?$/.test(value) || levelOfWord(word, 0, word.length) > 0;
};
const valueOf = (line: string, { start, end }: LineField) => line.slice(start, end);
const isQuoted = (value: string) => value.length >= 2 && value.startsWith('"') && value.endsWith('"');
const plain = (value: string) => unescaped(isQuoted(value) ? value.slice(1, -1) : value);

/** Values that a reader could not tell from the next field stay in their quotes. */
function shownValue(value: string): string {
  const text = plain(value);
  return isQuoted(value) && (text === '' || /[\s="]/.test(text))
    ? `"${unescaped(value.slice(1, -1))}"`
    : text;
}

/** Escapes of characters that can be shown; those of line breaks and alike stay as they are written. */
function unescaped(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(
    /\\(?:u([\da-f]{4})|([\\"/]))|\\./gi,
    (whole, code: string | undefined, plain: string) => {
      if (code === undefined) return plain ?? whole;
      const character = String.fromCharCode(Number.parseInt(code, 16));
      return /[\x20-\x7e\xa0-\u2027\u202f-\u2065\u206a-\ufffd]/.test(character) ? character : whole;
    },
  );
}
