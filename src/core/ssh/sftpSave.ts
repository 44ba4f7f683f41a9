import { randomBytes } from 'node:crypto';
import { posix } from 'node:path';
import type { Attributes } from 'ssh2';
import { MusterError } from '../errors';
import { t } from '../l10n';
import { printable } from '../printable';
import type { Giver, SftpChannel, SftpHandle, SftpStats } from './sftpChannel';
import { SftpError } from './sftpError';
import { infoOf, refuseOther, type SftpFileInfo, writeBytes } from './sftpFiles';

/** A file's state, as far as SFTP tells. */
export type SftpState = Pick<SftpFileInfo, 'mtime' | 'size'>;

export interface SaveOptions {
  /** Make the file where there is none. */
  create: boolean;
  /** Write where there is one. */
  overwrite: boolean;
  /** The file must still be like that when its content is replaced. */
  expected?: SftpState;
}

/** Why the content had to be written over the old one, so that a cut connection would have left a torn file. */
export type InPlaceReason = 'folder' | 'owner' | 'rename';

export interface Saved {
  /** The file that was written, with every link resolved. */
  path: string;
  state: SftpState;
  inPlace?: InPlaceReason;
}

const maxNameBytes = 255;
const temporary = { prefix: '.', mark: '.muster-' };

/**
 * Saves a file: the new content is written beside it, brought to the disk and renamed over it, so that at any moment
 * the file has either the old content or the new one. Mode and owner stay, and links are followed. Where that cannot
 * be, the content is written over the old one, and the result tells why.
 * @throws SftpError `changed`, when the file is not as expected, and others; MusterError
 */
export async function saveFile(
  sftp: SftpChannel,
  path: string,
  content: Uint8Array,
  options: SaveOptions,
  waiter: Giver,
): Promise<Saved> {
  const target = await sftp.realpath(path, waiter);
  const before = await statIfThere(sftp, target, waiter);
  if (!before) return create(sftp, target, content, options, waiter);
  refuseOther(sftp, target, infoOf(before).type);
  if (!options.overwrite) throw exists(sftp, target);
  refuseChanged(sftp, target, before, options.expected);
  // A file that is not to be written could still be replaced by whoever owns its folder.
  sftp.release(await sftp.open(target, 'r+', waiter));
  const save = new Save(sftp, target, content, options, waiter);
  const inPlace = await save.beside(before);
  if (inPlace) await save.over();
  const state = infoOf(await sftp.stat(target, waiter));
  return { path: target, state: { mtime: state.mtime, size: state.size }, inPlace };
}

async function create(
  sftp: SftpChannel,
  target: string,
  content: Uint8Array,
  options: SaveOptions,
  waiter: Giver,
): Promise<Saved> {
  if (!options.create || options.expected) {
    const message = t('{0}: there is no such file', printable(target, 300));
    throw new SftpError('notFound', message, { host: sftp.host });
  }
  const inPlace = await new Save(sftp, target, content, options, waiter).create();
  const { mtime, size } = infoOf(await sftp.stat(target, waiter));
  return { path: target, state: { mtime, size }, inPlace };
}

/** One save of an existing or a new file. */
class Save {
  constructor(
    private readonly sftp: SftpChannel,
    private readonly target: string,
    private readonly content: Uint8Array,
    private readonly options: SaveOptions,
    private readonly waiter: Giver,
  ) {}

  /** Replaces the file; what is returned says why that cannot be. */
  async beside(before: SftpStats): Promise<InPlaceReason | undefined> {
    const { sftp, target, waiter } = this;
    if (!sftp.canReplace) return 'rename';
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
      const now = await statIfThere(sftp, target, waiter);
      refuseChanged(sftp, target, now, infoOf(before));
      await sftp.replace(path, target, waiter);
      return undefined;
    } catch (error) {
      await this.remove(path);
      throw error;
    }
  }

  /** Makes a new file, complete from the moment it is there. */
  async create(): Promise<InPlaceReason | undefined> {
    const { sftp, target, waiter } = this;
    const temporaryFile = await this.openTemporary();
    if (!temporaryFile) throw refusedFolder(sftp, target);
    const { path, handle } = temporaryFile;
    try {
      await this.fill(path, handle);
      await sftp.rename(path, target, waiter);
      return undefined;
    } catch (error) {
      await this.remove(path);
      if (SftpError.of(error, 'failed') && (await statIfThere(sftp, target, waiter)))
        throw exists(sftp, target);
      throw error;
    }
  }

  /** Writes over the old content. */
  async over(): Promise<void> {
    const { sftp, target, content, waiter } = this;
    const handle = await sftp.open(target, 'r+', waiter);
    try {
      refuseChanged(sftp, target, await sftp.fstat(target, handle, waiter), this.options.expected);
      await writeBytes(sftp, target, handle, content, waiter);
      await sftp.setAttributes(target, handle, { size: content.length }, waiter);
      await sftp.sync(target, handle, waiter);
      await sftp.closeHandle(target, handle, waiter);
    } catch (error) {
      sftp.release(handle);
      throw error;
    }
  }

  /** Undefined where nothing can be made beside the file. */
  private async openTemporary(mode?: number): Promise<{ path: string; handle: SftpHandle } | undefined> {
    const { sftp, target, waiter } = this;
    const path = posix.join(posix.dirname(target), temporaryName(posix.basename(target)));
    try {
      const attributes = mode === undefined ? {} : { mode };
      return { path, handle: await sftp.open(path, 'wx', waiter, attributes) };
    } catch (error) {
      if (SftpError.of(error, 'noPermission')) return undefined;
      // Cancelled while the server was about to make it: requests are served in order, so this one finds it.
      if (!(error instanceof SftpError)) await this.remove(path);
      throw error;
    }
  }

  /** Gives the temporary file the owner and mode of the old one, which it must have before its content. */
  private async takeOver(path: string, handle: SftpHandle, before: SftpStats): Promise<boolean> {
    const { sftp, waiter } = this;
    const own = await sftp.fstat(path, handle, waiter);
    if (!sameOwner(own, before)) {
      try {
        await sftp.setAttributes(path, handle, { uid: before.uid, gid: before.gid }, waiter);
      } catch (error) {
        if (!(error instanceof SftpError)) throw error;
        sftp.release(handle);
        return false;
      }
    }
    // After the owner, since a new owner takes the set-id bits away.
    await sftp.setAttributes(path, handle, { mode: before.mode & 0o7777 }, waiter);
    return true;
  }

  private async fill(path: string, handle: SftpHandle): Promise<void> {
    const { sftp, content, waiter } = this;
    try {
      await writeBytes(sftp, path, handle, content, waiter);
      await sftp.sync(path, handle, waiter);
      await sftp.closeHandle(path, handle, waiter);
    } catch (error) {
      sftp.release(handle);
      throw error;
    }
  }

  /** Even when the save was cancelled; when the connection is lost, `leftBehind` remembers. */
  private async remove(path: string): Promise<void> {
    const removing = this.sftp.removeFile(path, { reason: undefined, onAbort: () => () => {} });
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

async function statIfThere(sftp: SftpChannel, path: string, waiter: Giver): Promise<SftpStats | undefined> {
  try {
    return await sftp.stat(path, waiter);
  } catch (error) {
    if (SftpError.of(error, 'notFound')) return undefined;
    throw error;
  }
}

/** @throws SftpError changed */
function refuseChanged(
  sftp: SftpChannel,
  path: string,
  now: SftpStats | undefined,
  expected: SftpState | undefined,
): void {
  if (!expected || (now?.mtime === expected.mtime && now.size === expected.size)) return;
  const what = now ? t('was changed on the host') : t('was deleted on the host');
  throw new SftpError('changed', t('{0} {1} meanwhile', printable(path, 300), what), {
    host: sftp.host,
    hint: t('Nothing was written. Save again to compare.'),
  });
}

function exists(sftp: SftpChannel, path: string): SftpError {
  return new SftpError('exists', t('{0} is there already', printable(path, 300)), { host: sftp.host });
}

function refusedFolder(sftp: SftpChannel, path: string): SftpError {
  const message = t('{0}: no file may be made in this folder', printable(posix.dirname(path), 300));
  return new SftpError('noPermission', message, {
    host: sftp.host,
    hint: t('Log in as a user who is allowed to, or change the permissions.'),
  });
}

function sameOwner(a: Attributes, b: Attributes): boolean {
  return a.uid === b.uid && a.gid === b.gid;
}

/** `.NAME.muster-1f0c2a`, with no more of the name than file systems take. */
function temporaryName(name: string): string {
  const suffix = temporary.mark + randomBytes(6).toString('hex');
  const room = maxNameBytes - temporary.prefix.length - suffix.length;
  let kept = name;
  while (Buffer.byteLength(kept) > room) kept = kept.slice(0, -1);
  return temporary.prefix + kept + suffix;
}
