import { randomBytes } from 'node:crypto';
import { posix } from 'node:path';
import { MusterError } from '../../errors/errors';
import { t } from '../../l10n/l10n';
import { printable } from '../../text/printable';
import type { Giver, FileSession, FileHandle, FileStats } from './fileSession';
import { FileError } from './fileError';
import { infoOf, refuseOther, type HostFileInfo, writeBytes } from './readFiles';

/** A file's state, as far as SFTP tells. */
export type FileState = Pick<HostFileInfo, 'mtime' | 'size'>;

export interface SaveOptions {
  /** Make the file where there is none. */
  create: boolean;
  /** Write where there is one. */
  overwrite: boolean;
  /** The file must still be like that when its content is replaced. */
  expected?: FileState;
}

/** Why the content had to be written over the old one, so that a cut connection would have left a torn file. */
export type InPlaceReason = 'folder' | 'owner' | 'rename';

export interface Saved {
  /** The file that was written, with every link resolved. */
  path: string;
  state: FileState;
  inPlace?: InPlaceReason;
}

const maxNameBytes = 255;
const temporary = { prefix: '.', mark: '.muster-' };

/**
 * Saves a file: the new content is written beside it, brought to the disk and renamed over it, so that at any moment
 * the file has either the old content or the new one. Mode and owner stay, and links are followed. Where that cannot
 * be, the content is written over the old one, and the result tells why.
 * @throws FileError `changed`, when the file is not as expected, and others; MusterError
 */
export async function saveFile(
  files: FileSession,
  path: string,
  content: Uint8Array,
  options: SaveOptions,
  waiter: Giver,
): Promise<Saved> {
  const target = await files.realpath(path, waiter);
  const before = await statIfThere(files, target, waiter);
  if (!before) return create(files, target, content, options, waiter);
  refuseOther(files, target, infoOf(before).type);
  if (!options.overwrite) throw exists(files, target);
  refuseChanged(files, target, before, options.expected);
  // A file that is not to be written could still be replaced by whoever owns its folder.
  files.release(await files.open(target, 'r+', waiter));
  const save = new Save(files, target, content, options, waiter);
  const inPlace = await save.beside(before);
  if (inPlace) await save.over();
  const state = infoOf(await files.stat(target, waiter));
  return { path: target, state: { mtime: state.mtime, size: state.size }, inPlace };
}

async function create(
  files: FileSession,
  target: string,
  content: Uint8Array,
  options: SaveOptions,
  waiter: Giver,
): Promise<Saved> {
  if (!options.create || options.expected) {
    const message = t('{0}: there is no such file', printable(target, 300));
    throw new FileError('notFound', message, { host: files.host });
  }
  const inPlace = await new Save(files, target, content, options, waiter).create();
  const { mtime, size } = infoOf(await files.stat(target, waiter));
  return { path: target, state: { mtime, size }, inPlace };
}

/** One save of an existing or a new file. */
class Save {
  constructor(
    private readonly files: FileSession,
    private readonly target: string,
    private readonly content: Uint8Array,
    private readonly options: SaveOptions,
    private readonly waiter: Giver,
  ) {}

  /** Replaces the file; what is returned says why that cannot be. */
  async beside(before: FileStats): Promise<InPlaceReason | undefined> {
    const { files, target, waiter } = this;
    if (!files.canReplace) return 'rename';
    const temporaryFile = await this.openTemporary(0o600);
    if (!temporaryFile) return 'folder';
    const { path, handle } = temporaryFile;
    try {
      if (!(await this.takeOver(path, handle, before))) {
        await this.remove(path);
        return 'owner';
      }
      await this.fill(path, handle);
      // Whoever wrote meanwhile must not be overwritten unseen.
      const now = await statIfThere(files, target, waiter);
      refuseChanged(files, target, now, infoOf(before));
      await files.replace(path, target, waiter);
      return undefined;
    } catch (error) {
      await this.remove(path);
      throw error;
    }
  }

  /** Makes a new file, complete from the moment it is there. */
  async create(): Promise<InPlaceReason | undefined> {
    const { files, target, waiter } = this;
    const temporaryFile = await this.openTemporary();
    if (!temporaryFile) throw refusedFolder(files, target);
    const { path, handle } = temporaryFile;
    try {
      await this.fill(path, handle);
      await files.rename(path, target, waiter);
      return undefined;
    } catch (error) {
      await this.remove(path);
      if (FileError.of(error, 'failed') && (await statIfThere(files, target, waiter)))
        throw exists(files, target);
      throw error;
    }
  }

  /** Writes over the old content. */
  async over(): Promise<void> {
    const { files, target, content, waiter } = this;
    const handle = await files.open(target, 'r+', waiter);
    try {
      refuseChanged(files, target, await files.fstat(target, handle, waiter), this.options.expected);
      await writeBytes(files, target, handle, content, waiter);
      await files.setAttributes(target, handle, { size: content.length }, waiter);
      await files.sync(target, handle, waiter);
      await files.closeHandle(target, handle, waiter);
    } catch (error) {
      files.release(handle);
      throw error;
    }
  }

  /** Undefined where nothing can be made beside the file. */
  private async openTemporary(mode?: number): Promise<{ path: string; handle: FileHandle } | undefined> {
    const { files, target, waiter } = this;
    const path = posix.join(posix.dirname(target), temporaryName(posix.basename(target)));
    try {
      const attributes = mode === undefined ? {} : { mode };
      return { path, handle: await files.open(path, 'wx', waiter, attributes) };
    } catch (error) {
      if (FileError.of(error, 'noPermission')) return undefined;
      // Cancelled while the server was about to make it: requests are served in order, so this one finds it.
      if (!(error instanceof FileError)) await this.remove(path);
      throw error;
    }
  }

  /** Gives the temporary file the owner and mode of the old one, which it must have before its content. */
  private async takeOver(path: string, handle: FileHandle, before: FileStats): Promise<boolean> {
    const { files, waiter } = this;
    const own = await files.fstat(path, handle, waiter);
    if (!sameOwner(own, before)) {
      try {
        await files.setAttributes(path, handle, { uid: before.uid, gid: before.gid }, waiter);
      } catch (error) {
        if (!(error instanceof FileError)) throw error;
        files.release(handle);
        return false;
      }
    }
    // After the owner, since a new owner takes the set-id bits away.
    await files.setAttributes(path, handle, { mode: before.mode & 0o7777 }, waiter);
    return true;
  }

  private async fill(path: string, handle: FileHandle): Promise<void> {
    const { files, content, waiter } = this;
    try {
      await writeBytes(files, path, handle, content, waiter);
      await files.sync(path, handle, waiter);
      await files.closeHandle(path, handle, waiter);
    } catch (error) {
      files.release(handle);
      throw error;
    }
  }

  /** Even when the save was cancelled; when the connection is lost, `leftBehind` remembers. */
  private async remove(path: string): Promise<void> {
    const removing = this.files.removeFile(path, { reason: undefined, onAbort: () => () => {} });
    await removing.catch((error: unknown) => {
      if (MusterError.is(error, 'RESET', 'TIMEOUT', 'CANCELLED')) throw new LeftBehind(path, error);
    });
  }
}

/** The connection was lost in the middle of a save: the file is as it was, and a temporary one lies beside it. */
export class LeftBehind extends MusterError {
  constructor(
    readonly path: string,
    { code, message, host, phase, hint, cause }: MusterError,
  ) {
    super(code, message, { host, phase, hint, cause });
  }
}

/** What a path is, or leads to; undefined where nothing is. @throws MusterError */
export const statIfThere = (
  files: FileSession,
  path: string,
  waiter: Giver,
): Promise<FileStats | undefined> => ifThere(files.stat(path, waiter));

/** The same of a link itself. */
export const lstatIfThere = (
  files: FileSession,
  path: string,
  waiter: Giver,
): Promise<FileStats | undefined> => ifThere(files.lstat(path, waiter));

async function ifThere<Answer>(asked: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (FileError.of(error, 'notFound')) return undefined;
    throw error;
  }
}

/** @throws FileError changed */
function refuseChanged(
  files: FileSession,
  path: string,
  now: FileStats | undefined,
  expected: FileState | undefined,
): void {
  if (!expected || (now?.mtime === expected.mtime && now.size === expected.size)) return;
  const what = now ? t('was changed on the host') : t('was deleted on the host');
  throw new FileError('changed', t('{0} {1} meanwhile', printable(path, 300), what), {
    host: files.host,
    hint: t('Nothing was written. Save again to compare.'),
  });
}

function exists(files: FileSession, path: string): FileError {
  return new FileError('exists', t('{0} is there already', printable(path, 300)), { host: files.host });
}

export function refusedFolder(files: FileSession, path: string): FileError {
  const message = t('{0}: no file may be made in this folder', printable(posix.dirname(path), 300));
  return new FileError('noPermission', message, {
    host: files.host,
    hint: t('Log in as a user who is allowed to, or change the permissions.'),
  });
}

function sameOwner(a: FileStats, b: FileStats): boolean {
  return a.uid === b.uid && a.gid === b.gid;
}

/** `.NAME.muster-1f0c2a`, with no more of the name than file systems take. */
export function temporaryName(name: string, mark = randomBytes(6).toString('hex')): string {
  const suffix = temporary.mark + mark;
  const room = maxNameBytes - temporary.prefix.length - suffix.length;
  let kept = name;
  while (Buffer.byteLength(kept) > room) kept = kept.slice(0, -1);
  return temporary.prefix + kept + suffix;
}
