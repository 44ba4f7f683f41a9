import colors from 'picocolors';
import { stripVTControlCharacters } from 'node:util';

type Paint = (text: string) => string;
export interface Style {
  bold: Paint;
  dim: Paint;
  red: Paint;
  green: Paint;
  yellow: Paint;
  /** Output of a host: on a terminal it must not move the cursor, ring or rename windows; colours may stay. */
  fromHost: Paint;
}

/** Colours for a terminal, plain text for a pipe, as NO_COLOR, FORCE_COLOR and `--no-color` have it. */
export function styleFor(stream: NodeJS.WriteStream, color: boolean): Style {
  const wanted = color && !process.env.NO_COLOR && (stream.isTTY || Boolean(process.env.FORCE_COLOR));
  const { bold, dim, red, green, yellow } = colors.createColors(wanted);
  const fromHost: Paint = stream.isTTY ? (wanted ? keepColours : harmless) : (text) => text;
  return { bold, dim, red, green, yellow, fromHost };
}

const graphicRendition = /(\u001b\[[\d;:]*m)/;

function keepColours(text: string): string {
  const parts = text.split(graphicRendition);
  if (parts.length === 1) return harmless(text);
  return `${parts.map((part, index) => (index % 2 ? part : harmless(part))).join('')}\u001b[0m`;
}

function harmless(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/\r\n/g, '\n')
    .replace(/[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
}
