import type { SFTPWrapper } from 'ssh2';
import { MusterError, toMusterError } from '../../../errors/errors';
import { t } from '../../../l10n/l10n';
import type {
  FileAttributes,
  FileEntry,
  FileHandle,
  FileSession,
  FileStats,
  FreeSpace,
  Giver,
} from '../../files/fileSession';
import { connectionLost, sftpError, unreadablePacket } from './sftpError';

/** Milliseconds without any answer, while there are open requests, after which a session is given up. */
const stallMs = 30_000;

/** Bytes of a request at most: what OpenSSH takes, and the least that every server does. */
const chunk = { most: 255 * 1024, least: 30 * 1024 };

type Done<T> = (error: Error | undefined | null, value?: T) => void;

/**
 * An SFTP session on a pooled connection. Requests go out at once, and many may be under way; each ends with its answer,
 * with its waiter's reason, or with the session.
 */
export class SftpChannel implements FileSession {
  /** A server always ends an SFTP session that is closed. */
  readonly isLeft = false;
  /** As its draft demands of every server. */
  readonly keepsOrder = true;
  private ended: MusterError | undefined;
  private readonly rejections = new Set<(reason: MusterError) => void>();
  private stall: NodeJS.Timeout | undefined;
  private heardAt = 0;

  constructor(
    private readonly sftp: SFTPWrapper,
    /** The inventory name of the host. */
    readonly host: string,
    private readonly stallLimitMs = stallMs,
  ) {
    sftp.on('error', (error: Error) => this.end(sftpError(error, host, '')));
    // ssh2 throws on packets of some impossible lengths, and would end all of the connection for that.
    const wire = sftp as SFTPWrapper & { push: (bytes: Buffer | null) => void };
    const push = wire.push.bind(wire);
    wire.push = (bytes) => {
      try {
        push(bytes);
      } catch (error) {
        this.end(unreadablePacket(host, error));
      }
    };
    sftp.once('end', () => this.hungUp());
    sftp.once('close', () => this.hungUp());
  }

  /** Whether it takes no more requests. */
  get isClosed(): boolean {
    return this.ended !== undefined;
  }

  /** What the server said with `limits@openssh.com`, else what every server takes. */
  get largestChunk(): number {
    const { _maxReadLen = 0, _maxWriteLen = 0 } = this.inside;
    const said = this.has('limits@openssh.com') ? Math.min(_maxReadLen, _maxWriteLen) : 0;
    return Math.max(chunk.least, Math.min(chunk.most, said));
  }

  close(): void {
    this.end(connectionLost(this.host));
  }

  abort(reason: MusterError): void {
    this.end(reason);
  }

  linkLost(): void {
    this.end(connectionLost(this.host));
  }

  stat(path: string, waiter: Giver): Promise<FileStats> {
    return this.request(path, waiter, (done) => this.sftp.stat(path, done));
  }

  lstat(path: string, waiter: Giver): Promise<FileStats> {
    return this.request(path, waiter, (done) => this.sftp.lstat(path, done));
  }

  fstat(path: string, handle: FileHandle, waiter: Giver): Promise<FileStats> {
    return this.request(path, waiter, (done) => this.sftp.fstat(handle, done));
  }

  /** Absolute, with symbolic links resolved where the server does that; the last part need not exist. */
  realpath(path: string, waiter: Giver): Promise<string> {
    return this.request(path, waiter, (done) => this.sftp.realpath(path, done));
  }

  /** @param flags as Node's `fs.open` takes them */
  open(path: string, flags: string, waiter: Giver, attributes: FileAttributes = {}): Promise<FileHandle> {
    return this.request<FileHandle>(
      path,
      waiter,
      (done) => this.sftp.open(path, flags as never, attributes as never, done),
      (handle) => this.release(handle),
    );
  }

  openFolder(path: string, waiter: Giver): Promise<FileHandle> {
    return this.request<FileHandle>(
      path,
      waiter,
      (done) => this.sftp.opendir(path, done),
      (handle) => this.release(handle),
    );
  }

  /** The next entries of a folder; undefined at its end. */
  async nextEntries(path: string, handle: FileHandle, waiter: Giver): Promise<FileEntry[] | undefined> {
    return this.request<FileEntry[] | undefined>(path, waiter, (done) =>
      this.sftp.readdir(handle, (error, list) => {
        if (isEndOfFile(error)) return done(undefined, undefined);
        done(
          error,
          error ? undefined : list.map(({ filename, attrs }) => ({ name: filename, stats: attrs })),
        );
      }),
    );
  }

  /** Reads up to `length` bytes into `buffer` at the same `position` as in the file; 0 at its end. */
  read(
    path: string,
    handle: FileHandle,
    buffer: Buffer,
    position: { at: number; length: number; into: number },
    waiter: Giver,
  ): Promise<number> {
    const { at, length, into } = position;
    return this.request<number>(path, waiter, (done) =>
      this.sftp.read(handle, buffer, into, length, at, (error, bytesRead) =>
        isEndOfFile(error) ? done(undefined, 0) : done(error, bytesRead),
      ),
    );
  }

  write(path: string, handle: FileHandle, bytes: Buffer, at: number, waiter: Giver): Promise<void> {
    return this.request(path, waiter, (done) =>
      this.sftp.write(handle, bytes, 0, bytes.length, at, (error) => done(error)),
    );
  }

  setAttributes(path: string, handle: FileHandle, attributes: FileAttributes, waiter: Giver): Promise<void> {
    return this.request(path, waiter, (done) => this.sftp.fsetstat(handle, inSftp(attributes), done));
  }

  setPathAttributes(path: string, attributes: FileAttributes, waiter: Giver): Promise<void> {
    return this.request(path, waiter, (done) => this.sftp.setstat(path, inSftp(attributes), done));
  }

  readLink(path: string, waiter: Giver): Promise<string> {
    return this.request(path, waiter, (done) => this.sftp.readlink(path, done));
  }

  makeLink(target: string, path: string, waiter: Giver): Promise<void> {
    // OpenSSH takes both the other way round. Its SFTP server may run behind another sshd, by which ssh2 judges.
    const isSwapped = this.has('posix-rename@openssh.com') && !this.inside._isOpenSSH;
    const [first, second] = isSwapped ? [path, target] : [target, path];
    return this.request(path, waiter, (done) => this.sftp.symlink(first, second, done));
  }

  async hardLink(path: string, second: string, waiter: Giver): Promise<boolean> {
    if (!this.has('hardlink@openssh.com')) return false;
    await this.request(second, waiter, (done) => this.sftp.ext_openssh_hardlink(path, second, done));
    return true;
  }

  async freeSpace(path: string, waiter: Giver): Promise<FreeSpace | undefined> {
    if (!this.has('statvfs@openssh.com', '2')) return undefined;
    // Sizes are numbers where they fit, else bigints.
    const { f_frsize, f_blocks, f_bavail, f_bfree } = await this.request<Record<string, number | bigint>>(
      path,
      waiter,
      (done) => this.sftp.ext_openssh_statvfs(path, done as never),
    );
    // Those of networks and of user space often do not know how large they are.
    if (Number(f_blocks) === 0) return undefined;
    const bytes = (blocks: number | bigint | undefined) => Number(f_frsize) * Number(blocks);
    return { bytes: bytes(f_bavail), bytesForRoot: bytes(f_bfree) };
  }

  /** Brings what was written to the disk; false where the server has no `fsync@openssh.com`. */
  async sync(path: string, handle: FileHandle, waiter: Giver): Promise<boolean> {
    if (!this.has('fsync@openssh.com')) return false;
    await this.request(path, waiter, (done) => this.sftp.ext_openssh_fsync(handle, done as never));
    return true;
  }

  closeHandle(path: string, handle: FileHandle, waiter: Giver): Promise<void> {
    return this.request(path, waiter, (done) => this.sftp.close(handle, done));
  }

  /** Gives a handle back without waiting. */
  release(handle: FileHandle): void {
    if (this.isClosed) return;
    this.sftp.close(handle, () => {});
  }

  /** Whether `replace` can be used: the server has `posix-rename@openssh.com`. */
  get canReplace(): boolean {
    return this.has('posix-rename@openssh.com');
  }

  /** Renames, replacing what is there in one step. */
  replace(from: string, to: string, waiter: Giver): Promise<void> {
    return this.request(to, waiter, (done) => this.sftp.ext_openssh_rename(from, to, done));
  }

  /** Renames; OpenSSH refuses where something is at `to`. */
  rename(from: string, to: string, waiter: Giver): Promise<void> {
    return this.request(to, waiter, (done) => this.sftp.rename(from, to, done));
  }

  removeFile(path: string, waiter: Giver): Promise<void> {
    return this.request(path, waiter, (done) => this.sftp.unlink(path, done));
  }

  removeFolder(path: string, waiter: Giver): Promise<void> {
    return this.request(path, waiter, (done) => this.sftp.rmdir(path, done));
  }

  makeFolder(path: string, waiter: Giver, attributes: Pick<FileAttributes, 'mode'> = {}): Promise<void> {
    return this.request(path, waiter, (done) => this.sftp.mkdir(path, attributes, done));
  }

  private has(extension: string, version = '1'): boolean {
    return this.inside._extensions?.[extension] === version;
  }

  /** What ssh2 knows of the server and keeps for itself. */
  private get inside() {
    return this.sftp as unknown as {
      _extensions?: Record<string, string>;
      _isOpenSSH?: boolean;
      _maxReadLen?: number;
      _maxWriteLen?: number;
    };
  }

  private request<T = void>(
    path: string,
    waiter: Giver,
    start: (done: Done<T>) => void,
    tooLate?: (value: T) => void,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      // ssh2 answers no request on a closed channel.
      if (this.ended) return reject(this.ended);
      if (waiter.reason) return reject(toMusterError(waiter.reason, { host: this.host, phase: 'request' }));
      let settled = false;
      const settle = () => {
        settled = true;
        unhear();
        this.rejections.delete(fail);
      };
      const fail = (reason: MusterError) => {
        settle();
        reject(reason);
      };
      this.rejections.add(fail);
      const unhear = waiter.onAbort(() =>
        fail(toMusterError(waiter.reason, { host: this.host, phase: 'request' })),
      );
      this.expectAnswer();
      const done: Done<T> = (error, value) => {
        this.heardAt = performance.now();
        if (settled) {
          if (!error) tooLate?.(value as T);
          return;
        }
        settle();
        if (this.rejections.size === 0) this.expectNothing();
        if (error) reject(this.ended ?? sftpError(error, this.host, path));
        else resolve(value as T);
      };
      try {
        start(done);
      } catch (error) {
        done(error as Error);
      }
    });
  }

  private expectAnswer(): void {
    if (this.stall) return;
    this.heardAt = performance.now();
    const look = () => {
      const silentMs = performance.now() - this.heardAt;
      if (silentMs < this.stallLimitMs) {
        this.stall = setTimeout(look, this.stallLimitMs - silentMs);
        return;
      }
      const message = t('the host did not answer for {0} s', Math.round(this.stallLimitMs / 1000));
      const hint = t('The host or the link to it hangs: try again.');
      this.end(new MusterError('TIMEOUT', message, { host: this.host, phase: 'request', hint }));
    };
    this.stall = setTimeout(look, this.stallLimitMs);
  }

  private expectNothing(): void {
    clearTimeout(this.stall);
    this.stall = undefined;
  }

  private end(reason: MusterError): void {
    if (this.ended) return;
    this.ended = reason;
    this.expectNothing();
    for (const fail of [...this.rejections]) fail(reason);
    this.hangUp();
  }

  /** The server's side has ended; ssh2 leaves ours open then. */
  private hungUp(): void {
    this.end(connectionLost(this.host));
    this.hangUp();
  }

  private hangUp(): void {
    try {
      this.sftp.end();
    } catch {
      // The connection is gone, and the channel with it.
    }
  }
}

function isEndOfFile(error: (Error & { code?: unknown }) | undefined | null): boolean {
  return error?.code === 1;
}

/** SFTP 3 has the time of the last change only together with that of the last access. */
function inSftp({ mtime, ...attributes }: FileAttributes) {
  return mtime === undefined ? attributes : { ...attributes, mtime, atime: mtime };
}
