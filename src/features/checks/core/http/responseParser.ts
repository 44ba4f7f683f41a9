import { MusterError } from '../../../../platform/errors/errors';
import { t } from '../../../../platform/l10n/l10n';
import { printable } from '../../../../platform/text/printable';

/** A response with its body as it was sent. */
export interface HttpResponse {
  status: number;
  /** Values by lower-case name; those of a repeated header are joined by commas. */
  headers: ReadonlyMap<string, string>;
  body: Buffer;
  /** The body is longer than `maxBody`: this is its beginning. */
  truncated: boolean;
}

/** Bounds on what is not body; interim responses count towards the first two. */
const maxHeadBytes = 64 * 1024;
const maxHeaders = 256;
const maxChunkLineBytes = 4 * 1024;
const maxTrailerBytes = 16 * 1024;

const statusLine = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: .*)?$/;
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const chunkLine = /^([0-9a-f]{1,12})[ \t]*(?:;.*)?$/i;

/** The method that takes the next line. */
type LinePart = 'readStatusLine' | 'readHeader' | 'readChunkSize' | 'readChunkEnd' | 'readTrailer';

/**
 * Reads one HTTP/1.x response (RFC 9112) from bytes that arrive in any pieces. It is strict where leniency would
 * hide a broken server or proxy: contradictory framing, malformed names and sizes are PROTOCOL errors.
 * Lines may end in LF alone; folded headers are unfolded.
 */
export class ResponseParser {
  private done = false;
  /** What the next line is, when the next bytes are not body. */
  private next: LinePart = 'readStatusLine';
  /** The beginning of a line whose end has not arrived. */
  private line = '';
  /** Bytes that the lines of this part may still take. */
  private room = maxHeadBytes;
  private started = false;
  private status = 0;
  private minorVersion = 1;
  private headers = new Map<string, string>();
  private headerCount = 0;
  private lastName: string | undefined;
  /** Bytes to come of the body, or of its present chunk. */
  private remaining = 0;
  private chunked = false;
  private body = Buffer.alloc(0);
  private bodyBytes = 0;
  private truncated = false;

  /** @param maxBody bytes of the body that are kept; reading ends there */
  constructor(
    private readonly method: string,
    private readonly maxBody: number,
  ) {}

  /** Takes the next bytes, copying what it keeps; true once the response is complete. @throws MusterError PROTOCOL */
  push(bytes: Buffer): boolean {
    // Decoded once and only where lines are: in Latin-1 a character is a byte, so positions are the same.
    let text: string | undefined;
    for (let at = 0; at < bytes.length && !this.done;) {
      at =
        this.remaining > 0
          ? this.takeBody(bytes, at)
          : this.takeLine((text ??= bytes.toString('latin1')), at);
    }
    return this.done;
  }

  /** The peer sends no more. @throws MusterError RESET when the response is not complete */
  end(): void {
    // Only a body without a stated length ends with the connection.
    if (this.remaining === Infinity) this.done = true;
    if (this.done) return;
    const when = !this.started
      ? t('without an answer')
      : this.remaining === 0 && !this.chunked
        ? t('in the middle of the headers')
        : t('after {0} bytes of the body', this.bodyBytes);
    throw new MusterError('RESET', t('the server closed the connection {0}', when), {
      hint: t('The service may have crashed, or something in between cut the connection: check its logs.'),
    });
  }

  get response(): HttpResponse {
    const { status, headers, truncated } = this;
    return { status, headers, body: this.body.subarray(0, this.bodyBytes), truncated };
  }

  private takeLine(text: string, from: number): number {
    const end = text.indexOf('\n', from);
    const until = end < 0 ? text.length : end;
    this.started = true;
    this.room -= until - from;
    if (this.room < 0) throw protocolError(t('headers or chunk sizes are too long'));
    this.line += text.slice(from, until);
    if (this.status === 0 && !'HTTP/'.startsWith(this.line.slice(0, 5))) throw notHttp(this.line);
    if (end < 0) return until;
    const line = this.line.endsWith('\r') ? this.line.slice(0, -1) : this.line;
    this.line = '';
    this[this.next](line);
    return end + 1;
  }

  private readStatusLine(line: string): void {
    const [, minor, status] = statusLine.exec(line) ?? [];
    if (!status) throw notHttp(line);
    this.minorVersion = Number(minor);
    this.status = Number(status);
    this.next = 'readHeader';
  }

  private readHeader(line: string): void {
    if (line === '') return this.endHeaders();
    if (/[\0\r]/.test(line)) throw protocolError(t('a control character in a header'));
    if (line.startsWith(' ') || line.startsWith('\t')) return this.unfold(line);
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(0, colon)).toLowerCase();
    if (!token.test(name)) throw protocolError(t('a malformed header: "{0}"', printable(line, 60)));
    if (++this.headerCount > maxHeaders) throw protocolError(t('more than {0} headers', maxHeaders));
    const value = line.slice(colon + 1).trim();
    const before = this.headers.get(name);
    this.headers.set(name, before === undefined ? value : `${before}, ${value}`);
    this.lastName = name;
  }

  private unfold(line: string): void {
    if (this.lastName === undefined) throw protocolError(t('a folded line before the first header'));
    this.headers.set(this.lastName, `${this.headers.get(this.lastName)} ${line.trim()}`.trim());
  }

  private endHeaders(): void {
    this.lastName = undefined;
    if (this.status === 101) throw protocolError(t('the server switched protocols unasked'));
    if (this.status < 200) {
      this.status = 0;
      this.headers = new Map();
      this.next = 'readStatusLine';
      return;
    }
    if (this.method === 'HEAD' || this.status === 204 || this.status === 304) {
      this.done = true;
      return;
    }
    const encoding = this.headers.get('transfer-encoding');
    const length = this.headers.get('content-length');
    if (encoding !== undefined) return this.startChunks(encoding, length);
    this.remaining = length === undefined ? Infinity : contentLength(length);
    this.done = this.remaining === 0;
  }

  private startChunks(encoding: string, length: string | undefined): void {
    if (length !== undefined) throw protocolError(t('both Content-Length and Transfer-Encoding'));
    if (this.minorVersion === 0) throw protocolError(t('Transfer-Encoding in HTTP/1.0'));
    if (encoding.toLowerCase() !== 'chunked')
      throw protocolError(`Transfer-Encoding: ${printable(encoding, 40)}`);
    this.chunked = true;
    this.expectLine('readChunkSize', maxChunkLineBytes);
  }

  private expectLine(next: LinePart, room: number): void {
    this.next = next;
    this.room = room;
  }

  private readChunkSize(line: string): void {
    const [, size] = chunkLine.exec(line) ?? [];
    if (!size) throw protocolError(t('a malformed chunk size: "{0}"', printable(line, 30)));
    this.remaining = parseInt(size, 16);
    if (this.remaining === 0) this.expectLine('readTrailer', maxTrailerBytes);
  }

  private readChunkEnd(line: string): void {
    if (line !== '') throw protocolError(t('a chunk longer than its size'));
    this.expectLine('readChunkSize', maxChunkLineBytes);
  }

  private readTrailer(line: string): void {
    if (line === '') this.done = true;
  }

  private takeBody(bytes: Buffer, from: number): number {
    const available = Math.min(this.remaining, bytes.length - from);
    const kept = Math.min(available, this.maxBody - this.bodyBytes);
    this.keep(bytes, from, kept);
    if (kept < available) {
      this.truncated = true;
      this.done = true;
      return bytes.length;
    }
    this.remaining -= available;
    if (this.remaining === 0) {
      if (this.chunked) this.expectLine('readChunkEnd', 1);
      else this.done = true;
    }
    return from + available;
  }

  /** One growing buffer, since a hostile server may send every byte in a chunk of its own. */
  private keep(bytes: Buffer, from: number, count: number): void {
    const needed = this.bodyBytes + count;
    if (needed > this.body.length) {
      const grown = Buffer.allocUnsafe(Math.min(this.maxBody, Math.max(needed, this.body.length * 2)));
      this.body.copy(grown, 0, 0, this.bodyBytes);
      this.body = grown;
    }
    bytes.copy(this.body, this.bodyBytes, from, from + count);
    this.bodyBytes = needed;
  }
}

/** Repetitions of one length are allowed (RFC 9112, section 6.3). */
function contentLength(value: string): number {
  const [length, ...others] = value.split(',').map((part) => part.trim());
  if (!/^\d{1,15}$/.test(length!) || others.some((other) => other !== length))
    throw protocolError(`Content-Length: ${printable(value, 40)}`);
  return Number(length);
}

function notHttp(line: string): MusterError {
  return new MusterError('PROTOCOL', t('not an HTTP answer: "{0}"', printable(line, 60)), {
    hint: t('Something else listens on that port, or it wants https.'),
  });
}

function protocolError(what: string): MusterError {
  return new MusterError('PROTOCOL', t('malformed HTTP answer: {0}', what), {
    hint: t('Check the service and any proxy in front of it with `curl -v`.'),
  });
}
