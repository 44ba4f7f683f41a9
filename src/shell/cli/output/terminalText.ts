import { stripVTControlCharacters } from 'node:util';

const color = /(\x1b\[[\d;:]*m)/;

/**
 * Output of hosts as a terminal may be given it: nothing in it moves the cursor, sets the title or turns the
 * direction of writing. Colours stay if `colored`, and end with the text.
 */
export function harmless(text: string, colored: boolean): string {
  // The odd parts are the colours.
  const parts = text
    .split(color)
    .map((part, index) => (index % 2 === 0 ? withoutControls(part) : colored ? part : ''));
  const end = colored && parts.length > 1 ? '\x1b[0m' : '';
  const whole = parts.join('');
  return end && whole.endsWith('\n') ? `${whole.slice(0, -1)}${end}\n` : whole + end;
}

function withoutControls(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/\r\n?/g, '\n')
    .replace(/[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
}
