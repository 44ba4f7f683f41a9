import { FileError } from '../../../platform/transport/files/fileError';
import type {
  FileAttributes,
  FileHandle,
  FileSession,
  Giver,
} from '../../../platform/transport/files/fileSession';
import { type LocalContent, pieceBytes } from './localContent';
import type { LocalItem } from './localTree';
import type { Pace } from './pace';

/** Bytes under way to one host: so much OpenSSH takes before it has to answer, and 100 ms of 20 MB/s. */
const windowBytes = 2 * 1024 * 1024;

/** Bytes that are under way to a host. */
export class Window {
  private bytes = 0;
  private waiting: (() => void)[] = [];

  /** Resolves when there is room. What is larger than all of it goes alone. */
  async room(bytes: number): Promise<void> {
    while (this.bytes > 0 && this.bytes + bytes > windowBytes)
      await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  enter(bytes: number): void {
    this.bytes += bytes;
  }

  leave(bytes: number): void {
    this.bytes -= bytes;
    const { waiting } = this;
    this.waiting = [];
    for (const resume of waiting) resume();
  }
}

export interface SendOptions {
  content: LocalContent;
  window: Window;
  pace: Pace;
  signal: AbortSignal;
  waiter: Giver;
  sync: boolean;
  /** Whom it is to belong to, if not to who makes it. */
  owner?: Pick<FileAttributes, 'uid' | 'gid'>;
  /** Bytes that are there already: it goes on after them. */
  from?: number;
  onBytes: (bytes: number) => void;
}

/** Writes a file to the path, where nothing is unless it goes on, with its mode and time. @throws MusterError */
export async function sendFile(
  files: FileSession,
  item: LocalItem,
  path: string,
  options: SendOptions,
): Promise<void> {
  const { waiter, sync, owner, from = 0 } = options;
  const { mode, mtime } = item;
  const handle = await files.open(path, from > 0 ? 'r+' : 'wx', waiter, { mode: 0o600 });
  let isClosed = false;
  const close = () => {
    isClosed = true;
    return files.closeHandle(path, handle, waiter);
  };
  const finish = () => files.setAttributes(path, handle, { mode, mtime }, waiter);
  try {
    // Who owns it first, since a new owner takes the set-id bits away; not everybody may give files away.
    if (owner) await orRefused(files.setAttributes(path, handle, owner, waiter));
    if (from === 0 && item.size <= files.largestChunk && files.keepsOrder && !sync) {
      const bytes = await options.content.whole(item);
      await Promise.all([write(files, path, handle, { bytes, at: 0 }, options), finish(), close()]);
      return;
    }
    await writePieces(files, item, path, handle, options);
    if (sync) await files.sync(path, handle, waiter);
    await finish();
    await close();
  } catch (error) {
    if (!isClosed) files.release(handle);
    throw error;
  }
}

/** What the host refuses is left as it is. */
export async function orRefused(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
  }
}

/** Many requests are under way, sent in the order of the file: what has arrived is its beginning. */
async function writePieces(
  files: FileSession,
  item: LocalItem,
  path: string,
  handle: FileHandle,
  options: SendOptions,
): Promise<void> {
  const { content, from = 0 } = options;
  const underWay = new Set<Promise<void>>();
  const failures: unknown[] = [];
  await content.with(item, async (piece) => {
    for (let at = from; at < item.size && failures.length === 0;) {
      const index = Math.floor(at / pieceBytes);
      const start = index * pieceBytes;
      const bytes = (await piece(index)).subarray(at - start).subarray(0, files.largestChunk);
      await options.window.room(bytes.length);
      await options.pace.take(bytes.length, options.signal);
      const writing = write(files, path, handle, { bytes, at }, options)
        .catch((error: unknown) => void failures.push(error))
        .finally(() => underWay.delete(writing));
      underWay.add(writing);
      at += bytes.length;
    }
    await Promise.all(underWay);
    if (failures.length > 0) throw failures[0];
  });
}

async function write(
  files: FileSession,
  path: string,
  handle: FileHandle,
  { bytes, at }: { bytes: Buffer; at: number },
  { window, waiter, onBytes }: SendOptions,
): Promise<void> {
  if (bytes.length === 0) return;
  window.enter(bytes.length);
  try {
    await files.write(path, handle, bytes, at, waiter);
  } finally {
    window.leave(bytes.length);
  }
  onBytes(bytes.length);
}
