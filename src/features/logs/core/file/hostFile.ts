import type { Deadline } from '../../../../platform/batch/deadline';
import type { BecomeSettings, Host } from '../../../../platform/inventory/model';
import type { FileSession } from '../../../../platform/transport/files/fileSession';
import type { HostTransport } from '../../../../platform/transport/hostTransport';
import type { RangedFile } from './rangedFile';

/** Bytes of one request: what every server grants. */
const requestBytes = 32_768;

/** A file of a host, read in parts over an SFTP session of its own. @throws MusterError */
export async function openHostFile(
  transport: HostTransport,
  host: Host,
  path: string,
  deadline: Deadline,
  become?: BecomeSettings,
): Promise<RangedFile> {
  const sftp = await transport.files(host, { deadline, become });
  try {
    const handle = await sftp.open(path, 'r', deadline);
    const { size, mtime } = await sftp.fstat(path, handle, deadline);
    return new HostFile(sftp, host.name, path, handle, size, mtime === undefined ? undefined : mtime * 1000);
  } catch (error) {
    sftp.close();
    throw error;
  }
}

class HostFile implements RangedFile {
  constructor(
    private readonly sftp: FileSession,
    readonly host: string,
    readonly path: string,
    private readonly handle: Buffer,
    public size: number,
    public modified: number | undefined,
  ) {}

  /** All requests of a read are under way at once. */
  async read(offset: number, length: number, deadline: Deadline): Promise<Uint8Array> {
    const buffer = Buffer.alloc(Math.max(0, length));
    const parts = Array.from(
      { length: Math.ceil(buffer.length / requestBytes) },
      (_, index) => index * requestBytes,
    );
    const ends = await Promise.all(parts.map((into) => this.readPart(offset, into, buffer, deadline)));
    // A part that ends early is the end of the file.
    const short = ends.findIndex((end, index) => end < Math.min(buffer.length, (index + 1) * requestBytes));
    const bytes = buffer.subarray(0, short < 0 ? buffer.length : ends[short]);
    if (offset + bytes.length > this.size) {
      this.size = offset + bytes.length;
      this.modified = Date.now();
    }
    return bytes;
  }

  close(): Promise<void> {
    this.sftp.close();
    return Promise.resolve();
  }

  /** Where in the buffer what was read ends: servers may give less than they are asked for. */
  private async readPart(offset: number, into: number, buffer: Buffer, deadline: Deadline): Promise<number> {
    const end = Math.min(buffer.length, into + requestBytes);
    let at = into;
    while (at < end) {
      const position = { at: offset + at, length: end - at, into: at };
      const read = await this.sftp.read(this.path, this.handle, buffer, position, deadline);
      if (read === 0) break;
      at += read;
    }
    return at;
  }
}
