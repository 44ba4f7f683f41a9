import { randomBytes } from 'node:crypto';
import type { Stats } from 'node:fs';
// eslint-disable-next-line no-restricted-syntax -- what is opened is made here, and nothing that is there is opened
import { type FileHandle, lchown, lstat, mkdir, open, readlink, rename, rm, symlink } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { makeFolder } from '../../../platform/files/makeFolder';
import { MusterError } from '../../../platform/errors/errors';
import { writeFault } from '../../../platform/files/fileFault';
import { t } from '../../../platform/l10n/l10n';
import { printable } from '../../../platform/text/printable';
import { temporaryName } from '../../../platform/transport/files/saveFile';

/** What is set on a file once it is complete. */
export interface LocalAttributes {
  mode: number;
  mtime: number;
  owner?: { uid: number; gid: number };
}

const isWindows = process.platform === 'win32';

/**
 * The folder of one host on this machine. The names come from the host and are not believed: nothing is written outside of
 * the folder, no link in it is followed, and what is written has its name once it is complete.
 */
export class LocalFolder {
  private readonly made = new Set<string>();
  private foldsCase: Promise<boolean> | undefined;
  /** Names in each folder, as a file system sees them that takes `A` for `a`. */
  private readonly taken = new Map<string, string>();

  constructor(readonly path: string) {}

  /** Why nothing can have this name here; undefined where something can. */
  refusal(name: string): string | undefined {
    if (name === '' || name === '.' || name === '..' || /[/\0]/.test(name))
      return t('this is not a name of a file');
    if (name.includes('\ufffd')) return t('its name is not UTF-8');
    const isRefused =
      isWindows && /[\\:*?"<>|\x01-\x1f]|[. ]$|^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(name);
    return isRefused ? t('Windows has no such names') : undefined;
  }

  /** Whether another file of this fetch has the place already, where file systems take `A` for `a`. */
  async isTaken(path: string): Promise<boolean> {
    const key = path.normalize('NFC').toLowerCase();
    const other = this.taken.get(key);
    if (other === undefined) this.taken.set(key, path);
    if (other === undefined || other === path) return other === path;
    return (this.foldsCase ??= this.doesFoldCase());
  }

  /** What is there: a link itself and not what it leads to. */
  async look(path: string): Promise<Stats | undefined> {
    return lstat(this.at(path)).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw cannot(this.at(path), error);
    });
  }

  readLink(path: string): Promise<string> {
    return readlink(this.at(path));
  }

  /** Makes a folder and those above it, down from the host's own. @throws MusterError where something else is there */
  async folder(path: string): Promise<void> {
    if (this.made.has(path)) return;
    if (path === '') await makeFolder(this.path).catch((error: unknown) => this.fail(path, error));
    else {
      await this.folder(parent(path));
      await mkdir(this.at(path)).catch((error: unknown) => {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') this.fail(path, error);
      });
    }
    // Also of those that are there already: a link may lead anywhere.
    const stats = await lstat(this.at(path));
    if (!stats.isDirectory()) throw this.notAFolder(path);
    this.made.add(path);
  }

  notAFolder(path: string): MusterError {
    return new MusterError('PRECONDITION', t('{0} is not a folder', printable(this.at(path), 300)), {
      hint: t('Fetch into another folder, or move it away. Links are not followed here.'),
    });
  }

  /** Writes a file beside its place and renames it when `fill` has ended. @throws MusterError, what `fill` throws */
  async write(
    path: string,
    attributes: LocalAttributes,
    fill: (handle: FileHandle) => Promise<void>,
  ): Promise<void> {
    await this.folder(parent(path));
    const place = this.at(path);
    const beside = this.beside(place);
    try {
      const handle = await open(beside, 'wx', 0o600).catch((error: unknown) => this.fail(path, error));
      try {
        await fill(handle);
        const { mode, mtime, owner } = attributes;
        // Only root may give files away.
        if (owner) await handle.chown(owner.uid, owner.gid).catch(() => {});
        if (!isWindows) await handle.chmod(mode & (owner ? 0o7777 : 0o777));
        await handle.utimes(mtime, mtime);
      } finally {
        await handle.close();
      }
      await rename(beside, place);
    } catch (error) {
      await rm(beside, { force: true });
      if (error instanceof MusterError) throw error;
      this.fail(path, error);
    }
  }

  /** Makes a link, in place of what is there. */
  async link(path: string, target: string, owner?: { uid: number; gid: number }): Promise<void> {
    await this.folder(parent(path));
    const beside = this.beside(this.at(path));
    try {
      await symlink(target, beside);
      if (owner) await lchown(beside, owner.uid, owner.gid).catch(() => {});
      await rename(beside, this.at(path));
    } catch (error) {
      await rm(beside, { force: true });
      this.fail(path, error);
    }
  }

  at(path: string): string {
    return path === '' ? this.path : join(this.path, ...path.split('/'));
  }

  private beside(place: string): string {
    const name = place.slice(dirname(place).length).replaceAll(sep, '');
    return join(dirname(place), temporaryName(name));
  }

  private async doesFoldCase(): Promise<boolean> {
    const probe = join(this.path, `.muster-a${randomBytes(6).toString('hex')}`);
    try {
      await mkdir(probe);
    } catch {
      // Nothing is there yet, or nothing is to be written.
      return process.platform !== 'linux';
    }
    try {
      return (await lstat(probe.replace('.muster-a', '.muster-A')).catch(() => undefined)) !== undefined;
    } finally {
      await rm(probe, { recursive: true });
    }
  }

  private fail(path: string, error: unknown): never {
    throw cannot(this.at(path), error);
  }
}

function parent(path: string): string {
  const at = path.lastIndexOf('/');
  return at < 0 ? '' : path.slice(0, at);
}

function cannot(path: string, error: unknown): MusterError {
  const { code } = error as NodeJS.ErrnoException;
  const isFull = code === 'ENOSPC' || code === 'EDQUOT';
  return new MusterError(
    isFull ? 'NO_SPACE' : 'PRECONDITION',
    t('cannot write {0}: {1}', printable(path, 300), writeFault(error)),
    { cause: error },
  );
}
