import type { MusterError } from '../../errors/errors';

/** Who waits for an answer: a Deadline, or somebody who never gives up. */
export interface Giver {
  readonly reason: MusterError | undefined;
  onAbort(listener: () => void): () => void;
}

/** A file's attributes as SFTP 3 has them: times in seconds. */
export interface FileStats {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly mtime: number;
  isDirectory(): boolean;
  isFile(): boolean;
  isSymbolicLink(): boolean;
}

export interface FileAttributes {
  mode?: number;
  uid?: number;
  gid?: number;
  /** Cuts the file there, or fills it up. */
  size?: number;
  /** Seconds since the epoch: when it was last changed. */
  mtime?: number;
}

/** What a file system has left for new files. */
export interface FreeSpace {
  /** Bytes that this user may fill. */
  bytes: number;
  /** Bytes that root may fill. */
  bytesForRoot: number;
}

export interface FileEntry {
  name: string;
  /** Of the entry itself: a symbolic link is not followed. */
  stats: FileStats;
}

/** An open file or folder on the host. */
export type FileHandle = Buffer;

/**
 * The files of one host. Many requests may be under way; each ends with its answer, with its waiter's reason, or with
 * the session. What the host refuses is a FileError.
 */
export interface FileSession {
  /** The inventory name of the host. */
  readonly host: string;
  /** Whether it takes no more requests. */
  readonly isClosed: boolean;
  /** Whether requests for an open file are carried out in the order in which they are made. */
  readonly keepsOrder: boolean;
  /** Bytes that one request reads or writes at most. */
  readonly largestChunk: number;
  close(): void;
  stat(path: string, waiter: Giver): Promise<FileStats>;
  lstat(path: string, waiter: Giver): Promise<FileStats>;
  fstat(path: string, handle: FileHandle, waiter: Giver): Promise<FileStats>;
  /** Absolute, with symbolic links resolved where the host does that; the last part need not exist. */
  realpath(path: string, waiter: Giver): Promise<string>;
  /** @param flags as Node's `fs.open` takes them */
  open(path: string, flags: string, waiter: Giver, attributes?: FileAttributes): Promise<FileHandle>;
  openFolder(path: string, waiter: Giver): Promise<FileHandle>;
  /** The next entries of a folder; undefined at its end. */
  nextEntries(path: string, handle: FileHandle, waiter: Giver): Promise<FileEntry[] | undefined>;
  /** Reads up to `length` bytes at `at` into `buffer` at `into`; 0 at the end of the file. */
  read(
    path: string,
    handle: FileHandle,
    buffer: Buffer,
    position: { at: number; length: number; into: number },
    waiter: Giver,
  ): Promise<number>;
  write(path: string, handle: FileHandle, bytes: Buffer, at: number, waiter: Giver): Promise<void>;
  setAttributes(path: string, handle: FileHandle, attributes: FileAttributes, waiter: Giver): Promise<void>;
  /** Of what is at the path; a symbolic link is followed. */
  setPathAttributes(path: string, attributes: FileAttributes, waiter: Giver): Promise<void>;
  /** Where a symbolic link leads, as it is written in it. */
  readLink(path: string, waiter: Giver): Promise<string>;
  /** Makes a symbolic link at `path`, and fails where something is. */
  makeLink(target: string, path: string, waiter: Giver): Promise<void>;
  /** Gives a file a second name, which fails where something is; false where the host cannot. */
  hardLink(path: string, second: string, waiter: Giver): Promise<boolean>;
  /** What is left where the path is; undefined where the host or the file system does not say. */
  freeSpace(path: string, waiter: Giver): Promise<FreeSpace | undefined>;
  /** Brings what was written to the disk; false where the host cannot. */
  sync(path: string, handle: FileHandle, waiter: Giver): Promise<boolean>;
  closeHandle(path: string, handle: FileHandle, waiter: Giver): Promise<void>;
  /** Gives a handle back without waiting. */
  release(handle: FileHandle): void;
  /** Whether `replace` can be used. */
  readonly canReplace: boolean;
  /** Renames, replacing what is there in one step. */
  replace(from: string, to: string, waiter: Giver): Promise<void>;
  /** Renames, and fails where something is at `to`. */
  rename(from: string, to: string, waiter: Giver): Promise<void>;
  removeFile(path: string, waiter: Giver): Promise<void>;
  removeFolder(path: string, waiter: Giver): Promise<void>;
  makeFolder(path: string, waiter: Giver, attributes?: Pick<FileAttributes, 'mode'>): Promise<void>;
}
