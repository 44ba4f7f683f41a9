import { stripVTControlCharacters } from 'node:util';
import type { Colors } from './outputStream';

const gap = '  ';

/** Columns under a dim head, without borders, so that it can be read and cut apart alike; each line ends with a newline. */
export async function formatTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  colors: Colors,
): Promise<string> {
  const lines = [head.map((title) => colors.dim(title)), ...rows];
  const widthOf = await measureFor(lines.flat());
  const cells = lines.map((line) => line.map((text) => ({ text, width: widthOf(text) })));
  const widths = head.map((_, column) =>
    cells.reduce((widest, line) => Math.max(widest, line[column]?.width ?? 0), 0),
  );
  return cells
    .map((line) => {
      const padded = line.map(({ text, width }, column) => text + ' '.repeat(widths[column]! - width));
      return `${padded.join(gap).trimEnd()}\n`;
    })
    .join('');
}

/** Tells how many columns a text takes. What other characters than those of ASCII take is slow to load. */
async function measureFor(texts: readonly string[]): Promise<(text: string) => number> {
  const lengthOf = (text: string) => stripVTControlCharacters(text).length;
  if (texts.every((text) => /^[\x20-\x7e]*$/.test(stripVTControlCharacters(text)))) return lengthOf;
  return (await import('string-width')).default;
}
