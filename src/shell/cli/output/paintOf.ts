import type { Colors } from './outputStream';

/** How a line of a unified diff is coloured. */
export function paintOf(line: string, colors: Colors): (text: string) => string {
  if (line.startsWith('+')) return colors.green;
  if (line.startsWith('-')) return colors.red;
  return line.startsWith('@') ? colors.cyan : String;
}
