import { stripVTControlCharacters } from 'node:util';

/**
 * Text from a host as one line that is safe to show: terminal sequences, control, format (bidi) and broken
 * characters are taken out, and no more than `limit` UTF-16 units are kept.
 */
export function printable(text: string, limit = 120): string {
  if (text.length <= limit && /^[!-~]*(?: [!-~]+)*$/.test(text)) return text;
  // Cut first: what is cleaned must be bounded, too.
  const clean = stripVTControlCharacters(text.slice(0, limit * 4))
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .replace(/[\p{Cf}\p{Cs}\p{Co}]/gu, '')
    .trim();
  return clean.length <= limit && text.length <= limit * 4 ? clean : `${clean.slice(0, limit - 1)}…`;
}
