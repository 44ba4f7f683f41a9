const longestLine = 16 * 1024 * 1024;

/** The lines of a text with their numbers from 1, without `\r`; longer ones than 16 MiB are cut. */
export function* textLines(bytes: Uint8Array): Generator<readonly [number: number, line: string]> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  let number = 0;
  for (let from = 0; from < buffer.length;) {
    const end = buffer.indexOf(10, from);
    const next = end < 0 ? buffer.length : end;
    const to = next > from && buffer[next - 1] === 13 ? next - 1 : next;
    yield [++number, buffer.toString('utf8', from, Math.min(to, from + longestLine))];
    from = next + 1;
  }
}
