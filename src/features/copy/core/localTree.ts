import type { Stats } from 'node:fs';
import { lstat, readdir, readlink, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { MusterError } from '../../../platform/errors/errors';
import { fileFault } from '../../../platform/files/fileFault';
import { t } from '../../../platform/l10n/l10n';
import { printable } from '../../../platform/text/printable';
import type { LeftOut } from './transfer';

export type ItemKind = 'file' | 'folder' | 'link';

/** A file, folder or link of this machine that is copied. */
export interface LocalItem {
  kind: ItemKind;
  /** Where it goes below its source's place, with `/`; empty for the source itself. */
  path: string;
  /** Where it is here. */
  file: string;
  size: number;
  /** Seconds since the epoch, as SFTP has them. */
  mtime: number;
  /** The time as the file system has it, by which a change is noticed. */
  mtimeMs: number;
  mode: number;
  uid: number;
  gid: number;
  /** Where a link leads, as it is written. */
  target?: string;
}

/** One of the SRCs. */
export interface LocalSource {
  /** Its last name. */
  name: string;
  /** Whether what is in the folder is meant and not the folder: it was written with a `/` at its end. */
  isContent: boolean;
  /** The source itself first, folders before what is in them. */
  items: LocalItem[];
}

export interface LocalTree {
  sources: LocalSource[];
  leftOut: LeftOut[];
}

/** On Windows files have none. */
const keepsModes = process.platform !== 'win32';

/** Entries of all sources: what is more was probably not meant. */
const mostItems = 1_000_000;

/**
 * Reads what is to be copied. A source that is a link is followed, as `cp -H` does; links below stay links unless
 * `follow` is given. Pipes, sockets and devices are left out.
 * @throws MusterError USAGE
 */
export async function readLocalTree(
  sources: readonly string[],
  cwd: string,
  { follow = false }: { follow?: boolean } = {},
): Promise<LocalTree> {
  const walk = new Walk(follow);
  const found: LocalSource[] = [];
  for (const source of sources) found.push(await walk.source(source, cwd));
  return { sources: found, leftOut: walk.leftOut };
}

class Walk {
  readonly leftOut: LeftOut[] = [];
  private count = 0;

  constructor(private readonly follow: boolean) {}

  async source(source: string, cwd: string): Promise<LocalSource> {
    const file = resolve(cwd, source);
    const items: LocalItem[] = [];
    const stats = await stat(file).catch((error: unknown) => {
      throw unreadable(source, error);
    });
    const isContent = /[/\\]\.?$|^\.{1,2}$/.test(source) && stats.isDirectory();
    if (!stats.isDirectory() && !stats.isFile())
      throw new MusterError('USAGE', t('{0} is neither a file nor a folder', printable(source, 300)));
    await this.take(items, file, '', stats, []);
    return { name: basename(file), isContent, items };
  }

  /** @param above the folders that it is in, by what they are to the file system */
  private async take(
    items: LocalItem[],
    file: string,
    path: string,
    stats: Stats,
    above: readonly string[],
  ): Promise<void> {
    if (++this.count > mostItems)
      throw new MusterError('USAGE', t('there are more than {0} files to copy', mostItems));
    const kind = kindOf(stats);
    if (!kind) return void this.leave(path, t('not a regular file but a device, a pipe or a socket'));
    const { mode, uid, gid, mtimeMs } = stats;
    const self = `${stats.dev}:${stats.ino}`;
    if (this.follow && above.includes(self)) return this.leave(path, t('a link to a folder that it is in'));
    const item: LocalItem = {
      ...{ kind, path, file, uid, gid, mtimeMs },
      size: kind === 'file' ? stats.size : 0,
      mtime: Math.floor(mtimeMs / 1000),
      mode: keepsModes ? mode & 0o7777 : kind === 'folder' ? 0o755 : 0o644,
      ...(kind === 'link' && { target: await readlink(file) }),
    };
    items.push(item);
    if (kind === 'folder') await this.folder(items, file, path, [...above, self]);
  }

  private async folder(
    items: LocalItem[],
    file: string,
    path: string,
    above: readonly string[],
  ): Promise<void> {
    const names = await readdir(file).catch((error: unknown) => {
      throw unreadable(file, error);
    });
    for (const name of names.sort()) {
      const below = path === '' ? name : `${path}/${name}`;
      // What is not UTF-8 cannot be found again under the name that it was read as.
      if (name.includes('\ufffd')) this.leave(below, t('its name is not UTF-8'));
      else await this.entry(items, join(file, name), below, above);
    }
  }

  private async entry(
    items: LocalItem[],
    file: string,
    path: string,
    above: readonly string[],
  ): Promise<void> {
    try {
      await this.take(items, file, path, await (this.follow ? stat(file) : lstat(file)), above);
    } catch (error) {
      if (error instanceof MusterError) throw error;
      // A link that leads nowhere, or a loop of them.
      if (!this.follow) throw unreadable(file, error);
      this.leave(path, fileFault(error));
    }
  }

  private leave(path: string, reason: string): void {
    this.leftOut.push({ path, reason });
  }
}

function kindOf(stats: Stats): ItemKind | undefined {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'folder';
  return stats.isSymbolicLink() ? 'link' : undefined;
}

function unreadable(file: string, error: unknown): MusterError {
  return new MusterError('USAGE', t('cannot read {0}: {1}', printable(file, 300), fileFault(error)), {
    cause: error,
  });
}
