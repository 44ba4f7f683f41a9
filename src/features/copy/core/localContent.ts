import { createHash } from 'node:crypto';
import type { Stats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { MusterError } from '../../../platform/errors/errors';
import { fileFault } from '../../../platform/files/fileFault';
import { openRegularFile } from '../../../platform/files/regularFile';
import { t } from '../../../platform/l10n/l10n';
import { printable } from '../../../platform/text/printable';
import type { LocalItem } from './localTree';

/** Bytes of a piece of a file, which is what OpenSSH takes in one request. */
export const pieceBytes = 255 * 1024;
/** Bytes of pieces that are kept for hosts which come to them later: hosts that get less of the link are soon 64 MB behind. */
const keptBytes = 128 * 1024 * 1024;
/** Pieces that are read ahead of the one that is asked for. */
const readAhead = 4;

interface Piece {
  reading: Promise<Buffer>;
  length: number;
}

interface OpenFile {
  opening: Promise<FileHandle>;
  users: number;
}

/** The content of local files, read once for all hosts that are at about the same place. */
export class LocalContent {
  /** The least recently asked for first. */
  private readonly pieces = new Map<string, Piece>();
  private readonly open = new Map<LocalItem, OpenFile>();
  private readonly ids = new Map<LocalItem, number>();
  private readonly hashes = new Map<string, Promise<string>>();
  private kept = 0;

  /**
   * Gives the pieces of a file, in any order, while `work` lasts.
   * @throws MusterError where it cannot be read or is no longer what it was when the copy began; what `work` throws
   */
  async with<T>(
    item: LocalItem,
    work: (piece: (index: number) => Promise<Buffer>) => Promise<T>,
  ): Promise<T> {
    const entry = this.open.get(item) ?? this.opened(item);
    entry.users++;
    try {
      const result = await work((index) => {
        const last = Math.min(index + readAhead, Math.ceil(item.size / pieceBytes) - 1);
        for (let next = last; next > index; next--) this.piece(item, entry, next).catch(() => {});
        return this.piece(item, entry, index);
      });
      // What was written meanwhile may be in one piece and not in another.
      refuseChanged(item, await (await entry.opening).stat());
      return result;
    } finally {
      if (--entry.users === 0) {
        this.open.delete(item);
        await entry.opening.then(
          (handle) => handle.close(),
          () => {},
        );
      }
    }
  }

  /** The whole of a small file. @throws MusterError */
  whole(item: LocalItem): Promise<Buffer> {
    const known = this.pieces.get(this.keyOf(item, 0));
    return known ? known.reading : this.with(item, (piece) => piece(0));
  }

  /** SHA-256 of the first `size` bytes, as hexadecimal digits. @throws MusterError */
  hash(item: LocalItem, size = item.size): Promise<string> {
    const key = this.keyOf(item, -size - 1);
    let hash = this.hashes.get(key);
    if (!hash) this.hashes.set(key, (hash = this.computeHash(item, size)));
    return hash;
  }

  private computeHash(item: LocalItem, size: number): Promise<string> {
    return this.with(item, async (piece) => {
      const hash = createHash('sha256');
      for (let at = 0, index = 0; at < size; index++) {
        const bytes = (await piece(index)).subarray(0, size - at);
        hash.update(bytes);
        at += bytes.length;
      }
      return hash.digest('hex');
    });
  }

  private opened(item: LocalItem): OpenFile {
    const entry: OpenFile = { opening: openSame(item), users: 0 };
    this.open.set(item, entry);
    return entry;
  }

  private piece(item: LocalItem, { opening }: OpenFile, index: number): Promise<Buffer> {
    const key = this.keyOf(item, index);
    const known = this.pieces.get(key);
    if (known) {
      this.pieces.delete(key);
      this.pieces.set(key, known);
      return known.reading;
    }
    const length = Math.min(pieceBytes, item.size - index * pieceBytes);
    const reading = opening.then((handle) => readPiece(item, handle, index * pieceBytes, length));
    const piece = { reading, length };
    this.pieces.set(key, piece);
    this.kept += length;
    reading.catch(() => this.forget(key, piece));
    for (const [oldest, other] of this.pieces) {
      if (this.kept <= keptBytes || other === piece) break;
      this.forget(oldest, other);
    }
    return reading;
  }

  private forget(key: string, piece: Piece): void {
    if (this.pieces.get(key) !== piece) return;
    this.pieces.delete(key);
    this.kept -= piece.length;
  }

  private keyOf(item: LocalItem, index: number): string {
    let id = this.ids.get(item);
    if (id === undefined) this.ids.set(item, (id = this.ids.size));
    return `${id}.${index}`;
  }
}

async function openSame(item: LocalItem): Promise<FileHandle> {
  const { handle, status } = await openRegularFile(item.file).catch((error: unknown) => {
    const words = t('cannot read {0}: {1}', printable(item.file, 300), fileFault(error));
    throw new MusterError('PRECONDITION', words, { cause: error });
  });
  try {
    refuseChanged(item, status);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function readPiece(item: LocalItem, handle: FileHandle, at: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  for (let done = 0; done < length;) {
    const { bytesRead } = await handle.read(bytes, done, length - done, at + done);
    if (bytesRead === 0) throw changed(item);
    done += bytesRead;
  }
  return bytes;
}

function refuseChanged(item: LocalItem, { size, mtimeMs }: Stats): void {
  if (size !== item.size || mtimeMs !== item.mtimeMs) throw changed(item);
}

function changed({ file }: LocalItem): MusterError {
  return new MusterError('PRECONDITION', t('{0} was changed while it was copied', printable(file, 300)), {
    hint: t('The host keeps what it had. Copy again when nothing writes the file.'),
  });
}
