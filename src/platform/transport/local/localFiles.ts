import { constants, type Dir, type Stats } from 'node:fs';
import {
  type FileHandle as OpenFile,
  chmod,
  chown,
  link,
  lstat,
  mkdir,
  // eslint-disable-next-line no-restricted-syntax -- it opens what it is asked for, as an SFTP server does
  open,
  opendir,
  readlink,
  realpath,
  rename,
  rmdir,
  stat,
  statfs,
  symlink,
  unlink,
  utimes,
} from 'node:fs/promises';
import path from 'node:path';
import { homeFolder } from '../../files/homeFolder';
import { MusterError, toMusterError } from '../../errors/errors';
import { isLocalLimit } from '../../errors/localLimit';
import { t, text } from '../../l10n/l10n';
import { printable } from '../../text/printable';
import { FileError, type FileFailure } from '../files/fileError';
import type {
  FileAttributes,
  FileEntry,
  FileHandle,
  FileSession,
  FileStats,
  FreeSpace,
  Giver,
} from '../files/fileSession';

/** A pipe is opened without waiting, and a terminal does not become ours. */
const harmless = constants.O_NONBLOCK | constants.O_NOCTTY;
const openFlags: Readonly<Record<string, number>> = {
  r: constants.O_RDONLY | harmless,
  'r+': constants.O_RDWR | harmless,
  wx: constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL,
};
/** Entries of a folder that are given at once. */
const entriesAtOnce = 100;

/** What an operating system reports, as an SFTP server would. */
const failures: Readonly<Record<string, readonly [FileFailure, string]>> = {
  ENOENT: ['notFound', text('there is no such file or folder')],
  ENOTDIR: ['notFound', text('there is no such file or folder')],
  EACCES: ['noPermission', text('permission denied')],
  EPERM: ['noPermission', text('permission denied')],
  EEXIST: ['exists', text('it is there already')],
  EISDIR: ['notAFile', text('it is a folder')],
  ENOSPC: ['noSpace', text('no space left on the disk')],
  EDQUOT: ['noSpace', text('the disk quota is used up')],
};

/** The files of this machine; relative paths start in the home folder, as over SFTP. */
export class LocalFiles implements FileSession {
  readonly canReplace = true;
  readonly keepsOrder = false;
  readonly largestChunk = 256 * 1024;
  isClosed = false;
  private readonly handles = new Map<FileHandle, OpenFile | Dir>();

  constructor(readonly host: string) {}

  close(): void {
    this.isClosed = true;
    for (const handle of this.handles.keys()) this.release(handle);
  }

  stat(path: string, waiter: Giver): Promise<FileStats> {
    return this.request(path, waiter, async (at) => statsOf(await stat(at)));
  }

  lstat(path: string, waiter: Giver): Promise<FileStats> {
    return this.request(path, waiter, async (at) => statsOf(await lstat(at)));
  }

  fstat(path: string, handle: FileHandle, waiter: Giver): Promise<FileStats> {
    return this.request(path, waiter, async () => statsOf(await this.file(handle).stat()));
  }

  realpath(name: string, waiter: Giver): Promise<string> {
    return this.request(name, waiter, async (at) => {
      const found = await realpath(at).catch(() => undefined);
      return found ?? path.join(await realpath(path.dirname(at)), path.basename(at));
    });
  }

  open(path: string, flags: string, waiter: Giver, { mode }: FileAttributes = {}): Promise<FileHandle> {
    return this.opened(path, waiter, (at) => open(at, openFlags[flags] ?? flags, mode));
  }

  openFolder(path: string, waiter: Giver): Promise<FileHandle> {
    return this.opened(path, waiter, (at) => opendir(at));
  }

  nextEntries(name: string, handle: FileHandle, waiter: Giver): Promise<FileEntry[] | undefined> {
    return this.request(name, waiter, async (at) => {
      const entries: FileEntry[] = [];
      while (entries.length < entriesAtOnce) {
        const entry = await (this.handles.get(handle) as Dir).read();
        if (!entry) break;
        // It may have gone since.
        const stats = await lstat(path.join(at, entry.name)).catch(() => undefined);
        if (stats) entries.push({ name: entry.name, stats: statsOf(stats) });
      }
      return entries.length > 0 ? entries : undefined;
    });
  }

  read(
    path: string,
    handle: FileHandle,
    buffer: Buffer,
    { at, length, into }: { at: number; length: number; into: number },
    waiter: Giver,
  ): Promise<number> {
    return this.request(path, waiter, async () => {
      const { bytesRead } = await this.file(handle).read(buffer, into, length, at);
      return bytesRead;
    });
  }

  write(path: string, handle: FileHandle, bytes: Buffer, at: number, waiter: Giver): Promise<void> {
    return this.request(path, waiter, async () => {
      for (let done = 0; done < bytes.length;) {
        const { bytesWritten } = await this.file(handle).write(bytes, done, bytes.length - done, at + done);
        done += bytesWritten;
      }
    });
  }

  setAttributes(
    path: string,
    handle: FileHandle,
    { size, mode, uid, gid, mtime }: FileAttributes,
    waiter: Giver,
  ): Promise<void> {
    return this.request(path, waiter, async () => {
      const file = this.file(handle);
      if (size !== undefined) await file.truncate(size);
      if (uid !== undefined && gid !== undefined) await file.chown(uid, gid);
      if (mode !== undefined) await file.chmod(mode);
      if (mtime !== undefined) await file.utimes(mtime, mtime);
    });
  }

  setPathAttributes(path: string, { mode, uid, gid, mtime }: FileAttributes, waiter: Giver): Promise<void> {
    return this.request(path, waiter, async (at) => {
      if (uid !== undefined && gid !== undefined) await chown(at, uid, gid);
      if (mode !== undefined) await chmod(at, mode);
      if (mtime !== undefined) await utimes(at, mtime, mtime);
    });
  }

  readLink(path: string, waiter: Giver): Promise<string> {
    return this.request(path, waiter, (at) => readlink(at));
  }

  makeLink(target: string, path: string, waiter: Giver): Promise<void> {
    return this.request(path, waiter, (at) => symlink(target, at));
  }

  hardLink(path: string, second: string, waiter: Giver): Promise<boolean> {
    return this.request(second, waiter, async (at) => {
      await link(absolute(path), at);
      return true;
    });
  }

  freeSpace(path: string, waiter: Giver): Promise<FreeSpace | undefined> {
    return this.request(path, waiter, async (at) => {
      const { bsize, blocks, bavail, bfree } = await statfs(at);
      if (blocks === 0) return undefined;
      return { bytes: bsize * bavail, bytesForRoot: bsize * bfree };
    });
  }

  sync(path: string, handle: FileHandle, waiter: Giver): Promise<boolean> {
    return this.request(path, waiter, async () => {
      await this.file(handle).sync();
      return true;
    });
  }

  closeHandle(path: string, handle: FileHandle, waiter: Giver): Promise<void> {
    return this.request(path, waiter, async () => {
      const open = this.handles.get(handle);
      this.handles.delete(handle);
      await open?.close();
    });
  }

  release(handle: FileHandle): void {
    const open = this.handles.get(handle);
    this.handles.delete(handle);
    open?.close().catch(() => {});
  }

  replace(from: string, to: string, waiter: Giver): Promise<void> {
    return this.request(to, waiter, (at) => rename(absolute(from), at));
  }

  rename(from: string, to: string, waiter: Giver): Promise<void> {
    return this.request(to, waiter, async (at) => {
      if ((await lstat(absolute(from))).isDirectory()) return rename(absolute(from), at);
      // A link fails where something is.
      await link(absolute(from), at);
      await unlink(absolute(from));
    });
  }

  removeFile(path: string, waiter: Giver): Promise<void> {
    return this.request(path, waiter, unlink);
  }

  removeFolder(path: string, waiter: Giver): Promise<void> {
    return this.request(path, waiter, rmdir);
  }

  makeFolder(path: string, waiter: Giver, { mode }: Pick<FileAttributes, 'mode'> = {}): Promise<void> {
    return this.request(path, waiter, (at) => mkdir(at, mode));
  }

  private file(handle: FileHandle): OpenFile {
    return this.handles.get(handle) as OpenFile;
  }

  private opened(
    path: string,
    waiter: Giver,
    work: (path: string) => Promise<OpenFile | Dir>,
  ): Promise<FileHandle> {
    return this.request(
      path,
      waiter,
      async (at) => {
        const handle = Buffer.alloc(0);
        this.handles.set(handle, await work(at));
        return handle;
      },
      (handle) => this.release(handle),
    );
  }

  /** Work on a file system that hangs cannot be ended, only left behind. */
  private async request<T>(
    path: string,
    waiter: Giver,
    work: (path: string) => Promise<T>,
    tooLate?: (value: T) => void,
  ): Promise<T> {
    if (this.isClosed)
      throw new MusterError('RESET', t('the files of the host were closed'), { host: this.host });
    const pending = work(absolute(path));
    let unhear = () => {};
    const aborted = new Promise<never>((_, reject) => {
      unhear = waiter.onAbort(() => {
        pending.then(tooLate, () => {});
        reject(toMusterError(waiter.reason, { host: this.host, phase: 'request' }));
      });
    });
    try {
      return await Promise.race([pending, aborted]);
    } catch (error) {
      throw this.errorOf(error, path);
    } finally {
      unhear();
    }
  }

  private errorOf(error: unknown, path: string): MusterError {
    if (error instanceof MusterError) return error;
    if (isLocalLimit(error)) return toMusterError(error, { host: this.host, phase: 'request' });
    const { code = '', message } = error as NodeJS.ErrnoException;
    const [failure, words] = failures[code] ?? (['failed', printable(message)] as const);
    return new FileError(failure, `${printable(path, 300)}: ${t(words)}`, {
      ...{ host: this.host, cause: error },
      ...(failure === 'noPermission' && {
        hint: t('Change the permissions, or run Muster as a user who is allowed to.'),
      }),
    });
  }
}

function absolute(name: string): string {
  return path.resolve(homeFolder(), name);
}

function statsOf(stats: Stats): FileStats {
  const { mode, uid, gid, size, mtimeMs } = stats;
  return {
    ...{ mode, uid, gid, size, mtime: Math.floor(mtimeMs / 1000) },
    isDirectory: () => stats.isDirectory(),
    isFile: () => stats.isFile(),
    isSymbolicLink: () => stats.isSymbolicLink(),
  };
}
