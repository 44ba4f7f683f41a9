import { type Color, parseAnsiSequences } from 'ansi-sequence-parser';
import { printableText } from '../../../platform/text/printable';

/** A run of characters with the same look, by offsets into the plain text. */
export interface AnsiSpan {
  start: number;
  end: number;
  foreground?: Color;
  background?: Color;
  bold: boolean;
  italic: boolean;
  underline: boolean;
}

export interface AnsiText {
  text: string;
  spans: AnsiSpan[];
}

/** Beyond these the rest stays plain. */
const mostSpans = 20_000;
const sgr = /(\x1b\[[\d;:]*m)/;

/** Output with its colours as spans; every other sequence is taken out, so that none can hide or move text. */
export function ansiText(output: string): AnsiText {
  const kept = output
    .split(sgr)
    .map((part, index) => (index % 2 === 1 ? explicit(part) : cleaned(part)))
    .join('');
  const spans: AnsiSpan[] = [];
  let text = '';
  for (const { value, foreground, background, decorations } of parseAnsiSequences(kept)) {
    const start = text.length;
    text += value;
    const styled = foreground ?? background ?? (decorations.size > 0 || undefined);
    if (styled === undefined || value === '' || spans.length >= mostSpans) continue;
    spans.push({
      ...{ start, end: text.length },
      ...(foreground && { foreground }),
      ...(background && { background }),
      bold: decorations.has('bold'),
      italic: decorations.has('italic'),
      underline: decorations.has('underline'),
    });
  }
  return { text: text.replace(/\n+$/, ''), spans };
}

/** As `printableText`, with the empty lines at the end. */
function cleaned(text: string): string {
  return printableText(`${text}.`).slice(0, -1);
}

/** Nothing means 0, which the parser does not know. */
function explicit(sequence: string): string {
  return sequence.replace(/(?<=[[;])(?=[;m])/g, '0');
}

export function plainText(text: string): AnsiText {
  return { text, spans: [] };
}

/** Texts one after the other, with the spans where they are then. */
export function joinedTexts(texts: readonly AnsiText[], separator: string): AnsiText {
  const spans: AnsiSpan[] = [];
  let length = 0;
  for (const [index, part] of texts.entries()) {
    if (index > 0) length += separator.length;
    for (const span of part.spans.slice(0, mostSpans - spans.length))
      spans.push({ ...span, start: span.start + length, end: span.end + length });
    length += part.text.length;
  }
  return { text: texts.map(({ text }) => text).join(separator), spans };
}
