import { posix } from 'node:path';
import { MusterError } from '../../../platform/errors/errors';
import { t } from '../../../platform/l10n/l10n';
import { printable } from '../../../platform/text/printable';
import { FileError } from '../../../platform/transport/files/fileError';
import type { FileSession, FileStats, Giver } from '../../../platform/transport/files/fileSession';
import { childPath, inParallel, readEntries } from '../../../platform/transport/files/readFiles';
import type { LocalFolder } from './localFolder';
import type { LeftOut } from './transfer';

/** A file, folder or link of a host that is fetched. */
export interface RemoteItem {
  kind: 'file' | 'folder' | 'link';
  /** On the host. */
  path: string;
  /** Below the folder of the host on this machine. */
  place: string;
  stats: FileStats;
  target?: string;
}

/** What a tree of a host may be at most: names that lead into each other have no end. */
const most = { depth: 64, items: 1_000_000 };
/** Folders that are read at a time. */
const atOnce = 8;

/**
 * Reads what is to be fetched. The path itself may be a link and is followed; links below stay links. What cannot have its name
 * here, pipes, devices and sockets are left out.
 * @throws FileError, MusterError
 */
export async function readRemoteTree(
  files: FileSession,
  source: string,
  local: LocalFolder,
  leftOut: LeftOut[],
  waiter: Giver,
): Promise<RemoteItem[]> {
  const stats = await files.stat(source, waiter);
  const real = await files.realpath(source, waiter);
  const items: RemoteItem[] = [];
  const name = posix.basename(posix.resolve('/', source === '.' ? real : source));
  const isContent = stats.isDirectory() && (/\/\.?$|^\.{1,2}$/.test(source) || name === '');
  const place = isContent ? '' : name;
  const why = place === '' ? undefined : local.refusal(place);
  if (why !== undefined) throw refused(files, source, why);
  if (!stats.isDirectory() && !stats.isFile()) throw refused(files, source, irregular());
  const walk = new Walk(files, local, items, leftOut, waiter);
  await walk.take({ kind: stats.isDirectory() ? 'folder' : 'file', path: real, place, stats }, 0);
  return items;
}

const irregular = () => t('not a regular file but a device, a pipe or a socket');

class Walk {
  constructor(
    private readonly files: FileSession,
    private readonly local: LocalFolder,
    private readonly items: RemoteItem[],
    private readonly leftOut: LeftOut[],
    private readonly waiter: Giver,
  ) {}

  async take(item: RemoteItem, depth: number): Promise<void> {
    this.items.push(item);
    if (this.items.length > most.items)
      throw new FileError('tooLarge', t('there are more than {0} files to fetch', most.items), {
        host: this.files.host,
      });
    if (item.kind !== 'folder') return;
    if (depth === most.depth) return this.leave(item.path, t('its folders lead too deep'));
    await this.enter(item, depth);
  }

  private async enter({ path, place }: RemoteItem, depth: number): Promise<void> {
    const { found, isCut } = await readEntries(this.files, path, this.waiter).catch((error: unknown) => {
      if (!(error instanceof FileError)) throw error;
      this.leave(path, error.message);
      return { found: [], isCut: false };
    });
    if (isCut) this.leave(path, t('it has more files than are read of a folder'));
    await inParallel(found, atOnce, async ({ name, stats }) => {
      const below = place === '' ? name : `${place}/${name}`;
      const item = { path: childPath(path, name), place: below, stats };
      const refusal = this.local.refusal(name) ?? (await this.twin(below));
      const kind = kindOf(stats);
      if (refusal !== undefined) this.leave(item.path, refusal);
      else if (!kind) this.leave(item.path, irregular());
      else if (kind === 'link') await this.link(item);
      else await this.take({ ...item, kind }, depth + 1);
    });
  }

  private async twin(place: string): Promise<string | undefined> {
    return (await this.local.isTaken(place)) ? t('another file has this name') : undefined;
  }

  /** A link is kept where it leads to something that is fetched with it: others would lead to files of this machine. */
  private async link(item: Omit<RemoteItem, 'kind' | 'target'>): Promise<void> {
    const target = await this.files.readLink(item.path, this.waiter).catch((error: unknown) => {
      if (MusterError.is(error) && !(error instanceof FileError)) throw error;
      return undefined;
    });
    if (target === undefined || target === '' || target.includes('\0'))
      return this.leave(item.path, t('the link cannot be read'));
    if (leadsOut(item.place, target))
      return this.leave(item.path, t('a link out of what is fetched, to {0}', printable(target, 200)));
    this.items.push({ ...item, kind: 'link', target });
  }

  private leave(path: string, reason: string): void {
    this.leftOut.push({ path: printable(path, 500), reason });
  }
}

/**
 * Whether a link at `place` may lead out of the host's folder. `..` after a name is not let pass: the name may be a link, and
 * the folder above what it leads to is another one.
 */
export function leadsOut(place: string, target: string): boolean {
  if (target.startsWith('/') || /^[A-Za-z]:|\\/.test(target)) return true;
  const parts = target.split('/').filter((part) => part !== '' && part !== '.');
  const below = parts.findIndex((part) => part !== '..');
  const ups = below < 0 ? parts.length : below;
  return ups > place.split('/').length - 1 || parts.slice(ups).includes('..');
}

function kindOf(stats: FileStats): RemoteItem['kind'] | undefined {
  if (stats.isDirectory()) return 'folder';
  if (stats.isSymbolicLink()) return 'link';
  return stats.isFile() ? 'file' : undefined;
}

function refused(files: FileSession, path: string, why: string): FileError {
  return new FileError('notAFile', `${printable(path, 300)}: ${why}`, { host: files.host });
}
