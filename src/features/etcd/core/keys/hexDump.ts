/** UTF-16 units above it, at most. */
const furthest = 64 * 1024;
/** Bytes in a line, as `hexdump -C` has them. */
const width = 16;

/** The bytes as `hexdump -C` shows them: offset, hexadecimal digits, printable ASCII. At most `limit` bytes. */
export function hexDump(bytes: Buffer, limit = 256 * 1024): string {
  const lines: string[] = [];
  for (let at = 0; at < Math.min(bytes.length, limit); at += width) {
    const line = bytes.subarray(at, Math.min(at + width, limit));
    const digits = [...line].map((byte) => byte.toString(16).padStart(2, '0'));
    const halves = [digits.slice(0, width / 2).join(' '), digits.slice(width / 2).join(' ')];
    const ascii = [...line]
      .map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.'))
      .join('');
    lines.push(
      `${at.toString(16).padStart(8, '0')}  ${halves[0]!.padEnd(23)}  ${halves[1]!.padEnd(23)}  |${ascii}|`,
    );
  }
  return lines.join('\n');
}

/** Whether a text is what `hexDump` makes, or has it below words and the summary of a message. */
export function isHexDump(text: string): boolean {
  return /(?:^|\n\n)00000000 {2}(?:[\da-f]{2} ){1,8} /.test(text.slice(0, furthest));
}
