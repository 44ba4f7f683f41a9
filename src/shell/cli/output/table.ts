import stringWidth from 'string-width';
import type { Colors } from './outputStream';

const gap = '  ';

/** Columns under a dim head, without borders, so that it can be read and cut apart alike; each line ends with a newline. */
export function formatTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  colors: Colors,
): string {
  const lines = [head.map((title) => colors.dim(title)), ...rows];
  const cells = lines.map((line) => line.map((text) => ({ text, width: stringWidth(text) })));
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
