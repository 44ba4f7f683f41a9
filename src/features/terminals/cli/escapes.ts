/** What the user asks of Muster itself, in the middle of what is typed for the host. */
export type Escape = 'disconnect' | 'suspend' | 'help';

const tilde = 0x7e;
const isLineBreak = (byte: number) => byte === 0x0d || byte === 0x0a;

const escapes = new Map<number, Escape>([
  [0x2e, 'disconnect'],
  [0x1a, 'suspend'],
  [0x3f, 'help'],
]);

/** Takes `~.`, `~^Z` and `~?` at the beginning of a line out of what is typed, as ssh does; `~~` is a tilde. */
export class EscapeReader {
  private isLineStart = true;
  private hasTilde = false;

  /** The bytes for the host and the escapes among them, in order. */
  read(typed: Uint8Array): (Buffer | Escape)[] {
    const parts: (Buffer | Escape)[] = [];
    let bytes: number[] = [];
    for (const byte of typed) {
      if (this.hasTilde) {
        this.hasTilde = false;
        const escape = escapes.get(byte);
        if (escape) {
          if (bytes.length > 0) parts.push(Buffer.from(bytes));
          bytes = [];
          parts.push(escape);
          this.isLineStart = true;
          continue;
        }
        bytes.push(tilde);
        if (byte === tilde) {
          this.isLineStart = false;
          continue;
        }
      } else if (this.isLineStart && byte === tilde) {
        this.hasTilde = true;
        continue;
      }
      bytes.push(byte);
      this.isLineStart = isLineBreak(byte);
    }
    if (bytes.length > 0) parts.push(Buffer.from(bytes));
    return parts;
  }
}
