import { posix } from 'node:path';
import { t } from '../../../platform/l10n/l10n';
import { printable } from '../../../platform/text/printable';
import { FileError } from '../../../platform/transport/files/fileError';
import type { FileSession, FileStats, Giver } from '../../../platform/transport/files/fileSession';
import { childPath, inParallel, readEntries } from '../../../platform/transport/files/readFiles';
import { lstatIfThere, statIfThere } from '../../../platform/transport/files/saveFile';
import type { LocalItem, LocalSource, LocalTree } from './localTree';

/** An item and its place on a host. */
export interface Target {
  item: LocalItem;
  /** Below the base, with `/`. */
  path: string;
  /** What stands there, a link itself and not what it leads to; undefined where nothing does. */
  before?: FileStats;
}

/** Where a tree goes on a host. */
export interface Placed {
  /** A folder that is there; absolute. */
  base: string;
  /** The same as it is written, which is alike on all hosts; relative ones begin with `~`. */
  shownBase: string;
  targets: Target[];
}

/** Up to so many files of a folder are asked for one by one; of more, the folder is read. */
const askedSingly = 16;
/** Questions under way at a time. */
const atOnce = 64;

/**
 * Finds where the tree goes on the host and what stands there: into DEST if it ends with `/`, is a folder or is to take
 * several sources, else under that name.
 * @throws FileError notFound, notADirectory, notAFile and others, MusterError
 */
export async function placeTree(
  files: FileSession,
  { sources }: LocalTree,
  destination: string,
  waiter: Giver,
): Promise<Placed> {
  const there = await statIfThere(files, destination, waiter);
  const goesInto = there?.isDirectory() === true || destination.endsWith('/') || sources.length > 1;
  if (there && goesInto && !there.isDirectory()) throw notAFolder(files, destination);
  const written = there && goesInto ? destination : parentOf(destination);
  const base = await files.realpath(written, waiter);
  const name = posix.basename(posix.resolve('/', destination));
  if (!there && (await statIfThere(files, base, waiter))?.isDirectory() !== true)
    throw new FileError('notFound', t('{0}: the folder does not exist', printable(base, 300)), {
      host: files.host,
      hint: t('Muster makes the last folder of the path, not those above it.'),
    });
  const prefix = there?.isDirectory() ? '' : goesInto ? name : '';
  const targets = sources.flatMap((source) =>
    source.items.map((item): Target => {
      const place = placeOf(source, item, goesInto ? undefined : name);
      return { item, path: [prefix, place].filter((part) => part !== '').join('/') };
    }),
  );
  // The folder that several sources go into, or that a file goes into as DEST ends with a slash.
  if (prefix !== '') targets.unshift({ item: impliedFolder, path: name });
  const known = withoutTwins(
    files,
    targets.filter(({ path }) => path !== ''),
  );
  await look(files, base, known, waiter);
  return {
    base,
    shownBase: posix.isAbsolute(written) ? posix.resolve(written) : posix.join('~', written),
    targets: known,
  };
}

/** A folder that no source has: its mode is the host's own affair. */
const impliedFolder: LocalItem = {
  ...{ kind: 'folder', path: '', file: '', size: 0, mtime: 0, mtimeMs: 0, mode: 0o755, uid: 0, gid: 0 },
};

function placeOf({ name, isContent }: LocalSource, item: LocalItem, as: string | undefined): string {
  const top = as ?? (isContent ? '' : name);
  return item.path === '' ? top : top === '' ? item.path : `${top}/${item.path}`;
}

function parentOf(path: string): string {
  const parent = posix.dirname(path);
  return parent === '' ? '.' : parent;
}

/** Folders of several sources become one. @throws FileError where files would */
function withoutTwins(files: FileSession, targets: readonly Target[]): Target[] {
  const seen = new Map<string, Target>();
  for (const target of targets) {
    const other = seen.get(target.path);
    // The mode of a folder is that of the first source which has it.
    if (!other || other.item === impliedFolder) seen.set(target.path, target);
    else if (other.item.kind !== 'folder' || target.item.kind !== 'folder') {
      const words = t('{0} and {1} would be the same file', other.item.file, target.item.file);
      throw new FileError('exists', printable(words, 500), { host: files.host });
    }
  }
  return [...seen.values()];
}

/** Asks what is at the places, folders before what is in them. */
async function look(
  files: FileSession,
  base: string,
  targets: readonly Target[],
  waiter: Giver,
): Promise<void> {
  const byFolder = new Map<string, Target[]>();
  for (const target of targets) {
    const folder = folderOf(target.path);
    const inside = byFolder.get(folder);
    if (inside) inside.push(target);
    else byFolder.set(folder, [target]);
  }
  /** Folders that are not there yet. */
  const missing = new Set<string>();
  for (const [folder, inside] of byFolder) {
    if (missing.has(folder)) {
      for (const { item, path } of inside) if (item.kind === 'folder') missing.add(path);
      continue;
    }
    await lookInto(files, childPath(base, folder), inside, waiter);
    for (const target of inside)
      if (target.item.kind === 'folder' && !(await isFolder(files, base, target, waiter)))
        missing.add(target.path);
  }
}

async function lookInto(
  files: FileSession,
  folder: string,
  inside: readonly Target[],
  waiter: Giver,
): Promise<void> {
  const found = inside.length > askedSingly ? await entriesOf(files, folder, waiter) : undefined;
  await inParallel(inside, atOnce, async (target) => {
    const name = posix.basename(target.path);
    const before = found ? found.get(name) : await lstatIfThere(files, childPath(folder, name), waiter);
    if (before) target.before = before;
    if (before) refuseOtherKind(files, childPath(folder, name), target, before);
  });
}

/** What is in the folder; undefined where that is too much to be read. */
async function entriesOf(
  files: FileSession,
  folder: string,
  waiter: Giver,
): Promise<Map<string, FileStats> | undefined> {
  const { found, isCut } = await readEntries(files, folder, waiter);
  return isCut ? undefined : new Map(found.map(({ name, stats }) => [name, stats]));
}

/** @throws FileError where it is something that a copy does not replace */
function refuseOtherKind(files: FileSession, path: string, { item }: Target, before: FileStats): void {
  if (item.kind === 'folder') {
    if (before.isDirectory() || before.isSymbolicLink()) return;
    throw notAFolder(files, path);
  }
  if (before.isFile() || before.isSymbolicLink()) return;
  const what = before.isDirectory()
    ? t('is a folder')
    : t('is not a regular file but a device, a pipe or a socket');
  throw new FileError('notAFile', `${printable(path, 300)} ${what}`, { host: files.host });
}

/** Whether a folder, or a link to one, is there. @throws FileError where a link leads elsewhere */
async function isFolder(
  files: FileSession,
  base: string,
  { path, before }: Target,
  waiter: Giver,
): Promise<boolean> {
  if (!before?.isSymbolicLink()) return before !== undefined;
  const led = await statIfThere(files, childPath(base, path), waiter);
  if (led?.isDirectory()) return true;
  throw notAFolder(files, childPath(base, path));
}

export const folderOf = (path: string): string => {
  const at = path.lastIndexOf('/');
  return at < 0 ? '' : path.slice(0, at);
};

function notAFolder(files: FileSession, path: string): FileError {
  return new FileError('notADirectory', t('{0} is not a folder', printable(path, 300)), { host: files.host });
}
