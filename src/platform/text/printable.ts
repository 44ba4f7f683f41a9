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

/**
 * Output of a host as lines that are safe to show: terminal sequences are taken out, other control characters and
 * those that turn the direction of text are replaced. Spaces stay; empty lines at the end do not.
 */
export function printableText(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/\r\n?/g, '\n')
    .replace(/[\0-\x08\x0b-\x1f\x7f-\x9f]/g, '\ufffd')
    .replace(/[\u202a-\u202e\u2066-\u2069]/g, '\ufffd')
    .replace(/\n+$/, '');
}
