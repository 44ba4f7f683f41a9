import { MusterError } from '../../errors/errors';
import { t } from '../../l10n/l10n';
import { printable } from '../../text/printable';
import type { Giver, FileEntry, FileSession, FileHandle, FileStats } from './fileSession';
import { FileError } from './fileError';

/** Bytes that every server gives or takes in one request: the least that the draft demands, with its head. */
const chunkBytes = 30 * 1024;
/** Requests under way for one file: 2 MB, so that a link of 100 ms carries 20 MB/s. */
const requestsAtOnce = 64;
/** What is read of a folder at most: entries, bytes of their names, answers (which may be empty), and milliseconds. */
const listing = { entries: 50_000, nameBytes: 16 * 1024 * 1024, answers: 50_000, ms: 30_000 };
/** Targets of links that are looked up at a time. */
const lookUpsAtOnce = 32;

export type HostFileType = 'file' | 'folder' | 'other';

export interface HostFileInfo {
  type: HostFileType;
  isLink: boolean;
  /** Bytes. */
  size: number;
  /** Seconds since the epoch: SFTP 3 has nothing finer. */
  mtime: number;
  /** Permission bits, 0o7777 at most. */
  mode: number;
}

export interface FolderEntry extends HostFileInfo {
  name: string;
}

export interface FolderContent {
  entries: FolderEntry[];
  /** There is more than was read, or may be. */
  isCut: boolean;
}

/** What is at a path; links are followed, and one that leads nowhere is of type `other`. @throws FileError, MusterError */
export async function statFile(files: FileSession, path: string, waiter: Giver): Promise<HostFileInfo> {
  const own = await files.lstat(path, waiter);
  return own.isSymbolicLink() ? followed(files, path, own, waiter) : infoOf(own);
}

/** @throws FileError, MusterError */
export async function listFolder(
  files: FileSession,
  path: string,
  waiter: Giver,
  limits = listing,
): Promise<FolderContent> {
  const { found, isCut: endsEarly, isLate } = await readEntries(files, path, waiter, limits);
  let isCut = endsEarly;
  const entries = await inParallel(found, lookUpsAtOnce, async ({ name, stats }) => {
    if (!stats.isSymbolicLink()) return { name, ...infoOf(stats) };
    if (!isLate()) return { name, ...(await followed(files, childPath(path, name), stats, waiter)) };
    isCut = true;
    return { name, ...unknownTarget(stats) };
  });
  return { entries, isCut };
}

/** What a folder holds, links as links, within limits: names of a host may be anything but paths. */
export async function readEntries(
  files: FileSession,
  path: string,
  waiter: Giver,
  limits = listing,
): Promise<{ found: FileEntry[]; isCut: boolean; isLate: () => boolean }> {
  const end = performance.now() + limits.ms;
  const isLate = () => performance.now() > end;
  const handle = await files.openFolder(path, waiter);
  const found: FileEntry[] = [];
  let isCut = false;
  let received = 0;
  let nameBytes = 0;
  try {
    // What is passed over counts, too: a server may send nothing else, for ever.
    for (let answers = 1; !isCut; answers++) {
      const next = await files.nextEntries(path, handle, waiter);
      if (!next) break;
      received += next.length;
      for (const { name } of next) nameBytes += name.length;
      // No name has a slash: what has one would lead elsewhere.
      found.push(...next.filter(({ name }) => name !== '.' && name !== '..' && !/[/\0]/.test(name) && name));
      isCut =
        received > limits.entries + 2 ||
        nameBytes > limits.nameBytes ||
        answers >= limits.answers ||
        isLate();
    }
  } finally {
    files.release(handle);
  }
  const kept = found.slice(0, limits.entries);
  return { found: kept, isCut: isCut || found.length > kept.length, isLate };
}

/** What was read, and what the file was like then. */
export interface FileContent {
  bytes: Buffer;
  info: HostFileInfo;
}

/**
 * Reads a file with many requests at once. What is appended meanwhile is left out.
 * @param limit bytes
 * @throws FileError notAFile, tooLarge and others, MusterError
 */
export async function readFile(
  files: FileSession,
  path: string,
  limit: number,
  waiter: Giver,
): Promise<FileContent> {
  // Opening a pipe or a device might wait for ever, or do something.
  const { type } = infoOf(await files.stat(path, waiter));
  refuseOther(files, path, type);
  const handle = await files.open(path, 'r', waiter);
  try {
    const info = infoOf(await files.fstat(path, handle, waiter));
    if (info.size > limit) throw tooLarge(files, path, info.size, limit);
    // Files of /proc and /sys have no size until they are read.
    const bytes =
      info.size > 0
        ? await readSized(files, path, handle, info.size, waiter)
        : await readToEnd(files, path, handle, limit, waiter);
    return { bytes, info };
  } finally {
    files.release(handle);
  }
}

/** Writes the bytes from the start of an open file. */
export async function writeBytes(
  files: FileSession,
  path: string,
  handle: FileHandle,
  bytes: Uint8Array,
  waiter: Giver,
): Promise<void> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  await inParallel(offsetsOf(buffer.length), requestsAtOnce, (at) =>
    files.write(path, handle, buffer.subarray(at, at + chunkBytes), at, waiter),
  );
}

export function infoOf(stats: FileStats): HostFileInfo {
  return {
    type: stats.isDirectory() ? 'folder' : stats.isFile() ? 'file' : 'other',
    isLink: stats.isSymbolicLink(),
    size: stats.size ?? 0,
    mtime: stats.mtime ?? 0,
    mode: (stats.mode ?? 0) & 0o7777,
  };
}

/** @throws FileError notAFile */
export function refuseOther(files: FileSession, path: string, type: HostFileType): void {
  if (type === 'file') return;
  const what =
    type === 'folder' ? t('is a folder') : t('is not a regular file but a device, a pipe or a socket');
  throw new FileError('notAFile', `${printable(path, 300)} ${what}`, { host: files.host });
}

export function childPath(folder: string, name: string): string {
  return folder.endsWith('/') ? folder + name : `${folder}/${name}`;
}

/**
 * Works on all items, some at a time, and gives the results in their order. The first failure ends it, once what is under way
 * has ended: nothing goes on behind the back of whoever hears of it.
 */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results = new Array<Result>(items.length);
  let next = 0;
  const failures: unknown[] = [];
  const worker = async () => {
    while (next < items.length && failures.length === 0) {
      const index = next++;
      try {
        results[index] = await work(items[index]!);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  if (failures.length > 0) throw failures[0];
  return results;
}

async function followed(
  files: FileSession,
  path: string,
  own: FileStats,
  waiter: Giver,
): Promise<HostFileInfo> {
  try {
    return { ...infoOf(await files.stat(path, waiter)), isLink: true };
  } catch (error) {
    if (files.isClosed || waiter.reason || !(error instanceof MusterError)) throw error;
    return unknownTarget(own);
  }
}

/** A link of which it is not known where it leads. */
function unknownTarget(own: FileStats): HostFileInfo {
  return { ...infoOf(own), type: 'other', isLink: true };
}

async function readSized(
  files: FileSession,
  path: string,
  handle: FileHandle,
  size: number,
  waiter: Giver,
): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(size);
  let end = size;
  await inParallel(offsetsOf(size), requestsAtOnce, async (start) => {
    const stop = Math.min(start + chunkBytes, size);
    for (let at = start; at < stop && at < end;) {
      // Servers may give less than they were asked for.
      const count = await files.read(path, handle, buffer, { at, length: stop - at, into: at }, waiter);
      if (count === 0) end = Math.min(end, at);
      at += count;
    }
  });
  return buffer.subarray(0, end);
}

async function readToEnd(
  files: FileSession,
  path: string,
  handle: FileHandle,
  limit: number,
  waiter: Giver,
): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (let at = 0; ;) {
    const part = Buffer.allocUnsafe(chunkBytes);
    const count = await files.read(path, handle, part, { at, length: part.length, into: 0 }, waiter);
    if (count === 0) return Buffer.concat(parts);
    parts.push(part.subarray(0, count));
    at += count;
    if (at > limit) throw tooLarge(files, path, at, limit);
  }
}

function offsetsOf(size: number): number[] {
  return Array.from({ length: Math.ceil(size / chunkBytes) }, (_, index) => index * chunkBytes);
}

function tooLarge(files: FileSession, path: string, size: number, limit: number): FileError {
  const words = t('has {0} MB, and no more than {1} MB are read', megabytes(size), megabytes(limit));
  return new FileError('tooLarge', `${printable(path, 300)} ${words}`, {
    host: files.host,
    hint: t('Look at a part of it with Run Command, e.g. tail -c 1000000.'),
  });
}

function megabytes(bytes: number): string {
  return String(Math.round(bytes / 104_857.6) / 10);
}
