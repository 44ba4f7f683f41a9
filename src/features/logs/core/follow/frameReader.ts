/** Bytes of a record after its nonce. */
const longestRecord = 16_384;
const newline = 0x0a;
const separator = 0x1e;

/** Begins every record; the first byte hardly occurs in logs. */
export function nonceOf(random: string): string {
  return String.fromCharCode(separator) + random;
}

export interface FrameHandler {
  /** A record: its letter or word, and what comes after it. */
  record(kind: string, rest: string): void;
  /** Bytes of the file that the last `d` named. */
  data(bytes: Buffer, start: number, end: number): void;
}

/**
 * Takes apart what `fileScript` sends. Records are told from what files hold by a nonce that no file can know. What
 * comes before the first record is not the script's: a greeting of the login shell.
 */
export class FrameReader {
  private readonly nonce: Buffer;
  private inData = false;
  /** The beginning of a record, or of what may be one. */
  private held: Buffer | undefined;

  constructor(
    nonce: string,
    private readonly handler: FrameHandler,
  ) {
    this.nonce = Buffer.from(nonce, 'latin1');
  }

  push(chunk: Buffer): void {
    const bytes = this.held ? Buffer.concat([this.held, chunk]) : chunk;
    this.held = undefined;
    let at = 0;
    while (at < bytes.length) {
      const record = this.nextNonce(bytes, at);
      this.give(bytes, at, record);
      if (record + this.nonce.length > bytes.length) {
        if (record < bytes.length) this.held = Buffer.from(bytes.subarray(record));
        return;
      }
      const begin = record + this.nonce.length + 1;
      const end = bytes.indexOf(newline, begin);
      if (end < 0) {
        // Held from its nonce on; only the script can write one, so it ends soon.
        if (bytes.length - record < longestRecord) this.held = Buffer.from(bytes.subarray(record));
        return;
      }
      this.take(bytes.toString('utf8', begin, end));
      at = end + 1;
    }
  }

  private give(bytes: Buffer, start: number, end: number): void {
    if (this.inData && end > start) this.handler.data(bytes, start, end);
  }

  private take(line: string): void {
    const space = line.indexOf(' ');
    const kind = space < 0 ? line : line.slice(0, space);
    const rest = space < 0 ? '' : line.slice(space + 1);
    this.inData = kind === 'd';
    this.handler.record(kind, rest);
  }

  /** Where the next nonce stands, or at the end the beginning of what may be one; the length if there is none. */
  private nextNonce(bytes: Buffer, from: number): number {
    const { nonce } = this;
    // A single byte is found many times faster than a text, and this one hardly occurs.
    for (let at = bytes.indexOf(separator, from); at >= 0; at = bytes.indexOf(separator, at + 1)) {
      const length = Math.min(nonce.length, bytes.length - at);
      if (bytes.compare(nonce, 0, length, at, at + length) === 0) return at;
    }
    return bytes.length;
  }
}
