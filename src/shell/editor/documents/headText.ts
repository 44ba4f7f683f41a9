import stringWidth from 'string-width';

/** Names and values as the head of a document, the values one below the other, further lines of a value too. */
export function headText(rows: readonly (readonly [name: string, value: string])[]): string {
  const width = Math.max(...rows.map(([name]) => stringWidth(name)));
  const indent = `\n#${' '.repeat(width + 2)}`;
  return rows
    .map(([name, value]) => {
      const gap = ' '.repeat(width - stringWidth(name));
      return `# ${name}${gap} ${value.replaceAll('\n', indent)}`;
    })
    .join('\n');
}
