import { realpath, statfs } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { makeFolder } from '../../../platform/files/makeFolder';
import type { Deadline } from '../../../platform/batch/deadline';
import { MusterError } from '../../../platform/errors/errors';
import { writeFault } from '../../../platform/files/fileFault';
import type { Host } from '../../../platform/inventory/model';
import { t } from '../../../platform/l10n/l10n';
import { printable } from '../../../platform/text/printable';
import { FileError } from '../../../platform/transport/files/fileError';
import { inParallel, readFile } from '../../../platform/transport/files/readFiles';
import { FileNames } from '../../runs/core/hostFiles';
import { type HostWork, transferBatch, type TransferOptions, type TransferReport } from './copyBatch';
import { unifiedDiff } from './difference';
import { hashesOnHost } from './hostHashes';
import { LocalFolder } from './localFolder';
import { hashOfFile, textOfFile } from './localFile';
import { Pace } from './pace';
import type { Reached } from './reachedHost';
import { readRemoteTree, type RemoteItem } from './remoteTree';
import { Window } from './sendFile';
import { type ChangeKind, listChange, sizeText } from './transfer';

export interface FetchRequest {
  /** On each host. */
  source: string;
  /** Where each host has a folder; relative ones start in `cwd`. */
  folder: string;
  cwd: string;
}

/** Files that are read at a time. */
const atOnce = 16;
/** Bytes of a text that is compared at most. */
const longestText = 256 * 1024;
/** Bytes that are read of a file which has no size until it is read, such as those of /proc. */
const longestUnsized = 16 * 1024 * 1024;

/**
 * Fetches a file or folder of every host into a folder for each, named as the host is. What the hosts say is not believed:
 * nothing is written outside of these folders.
 * @throws MusterError USAGE where the folder cannot be made
 */
export async function fetchBatch(
  hosts: readonly Host[],
  { source, folder, cwd }: FetchRequest,
  options: TransferOptions,
): Promise<TransferReport> {
  const changesNothing = options.dryRun === true || options.diff === true;
  const root = await rootFolder(resolve(cwd, folder), !changesNothing);
  const folders = hostFolders(
    root,
    hosts.map(({ name }) => name),
  );
  const pace = new Pace(options.maxBandwidth);
  return transferBatch('fetch', hosts, options, async (host, parts) => {
    const local = new LocalFolder(folders.get(host.name)!);
    await new FetchFromHost(parts, local, source, options, pace, changesNothing).run();
  });
}

/** The folder of each of the hosts that a batch fetches from, by its name. */
export function hostFolders(root: string, hosts: readonly string[]): Map<string, string> {
  const names = new FileNames();
  return new Map(hosts.map((host) => [host, join(root, names.of(host))]));
}

/** The folder as it is really called; made if need be. */
async function rootFolder(folder: string, mayMake: boolean): Promise<string> {
  try {
    if (mayMake) await makeFolder(folder);
    return await realpath(folder);
  } catch (error) {
    if (!mayMake) return folder;
    throw new MusterError('USAGE', t('cannot write {0}: {1}', printable(folder, 300), writeFault(error)));
  }
}

class FetchFromHost {
  private readonly reached: Reached;
  private readonly deadline: Deadline;
  private readonly tally: HostWork['tally'];
  private readonly window = new Window();

  constructor(
    { reached, deadline, tally }: HostWork,
    private readonly local: LocalFolder,
    private readonly source: string,
    private readonly options: TransferOptions,
    private readonly pace: Pace,
    private readonly changesNothing: boolean,
  ) {
    [this.reached, this.deadline, this.tally] = [reached, deadline, tally];
  }

  async run(): Promise<void> {
    const { files, waiter, host } = this.reached;
    const { leftOut } = this.tally;
    const items = await readRemoteTree(files, this.source, this.local, leftOut, waiter);
    const kinds = await this.compare(items);
    const wanted = items.filter((item) => kinds.get(item) !== undefined);
    const bytes = wanted.reduce((sum, { kind, stats }) => sum + (kind === 'file' ? (stats.size ?? 0) : 0), 0);
    const count = wanted.filter(({ kind }) => kind !== 'folder').length;
    this.options.onProgress?.({ kind: 'planned', host: host.name, files: count, bytes });
    if (this.changesNothing) return this.say(wanted, kinds, bytes);
    await this.local.folder('');
    await this.refuseFull(bytes);
    for (const item of wanted) if (item.kind === 'folder') await this.local.folder(item.place);
    const failures: FileError[] = [];
    await inParallel(
      wanted.filter(({ kind }) => kind !== 'folder'),
      atOnce,
      async (item) => {
        try {
          await this.take(item);
          this.tally.changedFiles++;
          listChange(this.tally, { path: item.place, kind: kinds.get(item)! });
        } catch (error) {
          // The others can be fetched all the same.
          if (!(error instanceof FileError)) throw error;
          failures.push(error);
        }
      },
    );
    if (failures.length > 1)
      throw new FileError(failures[0]!.failure, t('{0} files could not be read', failures.length), {
        ...{ host: host.name, cause: failures[0] },
      });
    if (failures[0]) throw failures[0];
  }

  /** What is to be done with each; undefined where it is here as it is there. */
  private async compare(items: readonly RemoteItem[]): Promise<Map<RemoteItem, ChangeKind | undefined>> {
    const kinds = new Map<RemoteItem, ChangeKind | undefined>();
    const alike: RemoteItem[] = [];
    /** Folders that are not here: nothing in them is. */
    const missing = new Set<string>();
    for (const item of items) {
      const { kind, place, stats } = item;
      const above = place.slice(0, Math.max(0, place.lastIndexOf('/')));
      const here = missing.has(above) ? undefined : await this.local.look(place);
      if (!here) {
        if (kind === 'folder') missing.add(place);
        kinds.set(item, 'new');
      } else if (kind === 'folder' && here.isDirectory()) kinds.set(item, undefined);
      else if (kind === 'folder') throw this.local.notAFolder(place);
      else if (here.isDirectory())
        throw new MusterError('PRECONDITION', t('{0} is a folder', printable(this.local.at(place), 300)));
      else if (kind === 'link') {
        const isSame = here.isSymbolicLink() && (await this.local.readLink(place)) === item.target;
        kinds.set(item, isSame ? undefined : 'changed');
      } else if (!here.isFile() || here.size !== stats.size) kinds.set(item, 'changed');
      else if (this.options.checksum) alike.push(item);
      else kinds.set(item, Math.floor(here.mtimeMs / 1000) === stats.mtime ? undefined : 'changed');
    }
    const hashes = await hashesOnHost(
      this.reached,
      '/',
      alike.map(({ path }) => path.slice(1)),
    );
    for (const item of alike) {
      const isSame = hashes.get(item.path.slice(1)) === (await hashOfFile(this.local.at(item.place)));
      kinds.set(item, isSame ? undefined : 'changed');
    }
    for (const [{ kind }, change] of kinds)
      if (kind !== 'folder' && change === undefined) this.tally.sameFiles++;
    return kinds;
  }

  private async say(
    wanted: readonly RemoteItem[],
    kinds: ReadonlyMap<RemoteItem, ChangeKind | undefined>,
    bytes: number,
  ): Promise<void> {
    for (const item of wanted) {
      const kind = kinds.get(item)!;
      const diff = this.options.diff && item.kind === 'file' ? await this.difference(item, kind) : undefined;
      listChange(this.tally, { path: item.place, kind, ...(diff !== undefined && { diff }) });
    }
    this.tally.changedFiles = wanted.filter(({ kind }) => kind !== 'folder').length;
    this.tally.bytes = bytes;
  }

  private async difference({ path, place, stats }: RemoteItem, kind: ChangeKind): Promise<string> {
    if (stats.size > longestText) return t('[too large to compare]');
    const { files, waiter } = this.reached;
    try {
      const { bytes } = await readFile(files, path, longestText, waiter);
      const old = kind === 'new' ? Buffer.alloc(0) : await textOfFile(this.local.at(place), longestText);
      return old ? await unifiedDiff(place, old, bytes, kind !== 'new') : t('[too large to compare]');
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      return `[${error.message}]`;
    }
  }

  /** What surely does not fit is not begun, whatever sizes a host makes up. */
  private async refuseFull(bytes: number): Promise<void> {
    const { bsize, blocks, bavail } = await statfs(this.local.path);
    // A file system without a size does not say how much is free.
    if (blocks === 0 || bytes <= bsize * bavail) return;
    throw new MusterError(
      'NO_SPACE',
      t('no space left for {0}', printable(this.local.path, 300)) +
        `: ${t('{0} are needed, {1} are free', sizeText(bytes), sizeText(bsize * bavail))}`,
      { host: this.reached.host.name },
    );
  }

  private async take(item: RemoteItem): Promise<void> {
    const { place, stats, target } = item;
    const owner = this.options.owners ? { uid: stats.uid, gid: stats.gid } : undefined;
    if (item.kind === 'link') return this.local.link(place, target!, owner);
    const attributes = { mode: stats.mode, mtime: stats.mtime, ...(owner && { owner }) };
    await this.local.write(place, attributes, (handle) => this.receive(item, handle));
  }

  /** Reads as much as the file had when it was found: what is appended is left out, and a shorter one is an error. */
  private async receive({ path, stats }: RemoteItem, into: FileHandle): Promise<void> {
    const { files, waiter } = this.reached;
    // Nor does every server say a size.
    if (!stats.size) {
      const { bytes } = await readFile(files, path, longestUnsized, waiter);
      await writeAll(into, bytes, 0);
      return this.moved(bytes.length);
    }
    const handle = await files.open(path, 'r', waiter);
    try {
      const { largestChunk } = files;
      const count = Math.ceil(stats.size / largestChunk);
      const pieces = { [Symbol.iterator]: () => offsets(count, largestChunk) };
      await inOrder(pieces, this.window, largestChunk, async (at) => {
        const length = Math.min(largestChunk, stats.size - at);
        await this.pace.take(length, this.deadline.signal);
        const buffer = Buffer.allocUnsafe(length);
        for (let done = 0; done < length;) {
          const position = { at: at + done, length: length - done, into: done };
          const read = await files.read(path, handle, buffer, position, waiter);
          if (read === 0) throw shrunk(this.reached, path);
          done += read;
        }
        await writeAll(into, buffer, at);
        this.moved(length);
      });
    } finally {
      files.release(handle);
    }
  }

  private moved(bytes: number): void {
    this.tally.bytes += bytes;
    this.options.onProgress?.({ kind: 'moved', host: this.reached.host.name, bytes });
  }
}

/** A write of a file may be shorter than was asked for: the next one then says why. */
async function writeAll(file: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, at + done);
    done += bytesWritten;
  }
}

function* offsets(count: number, size: number): Generator<number> {
  for (let index = 0; index < count; index++) yield index * size;
}

/** Begins in order, as many at a time as the window lets; the first failure ends it, once what is under way has ended. */
async function inOrder(
  places: Iterable<number>,
  window: Window,
  bytes: number,
  work: (at: number) => Promise<void>,
): Promise<void> {
  const underWay = new Set<Promise<void>>();
  const failures: unknown[] = [];
  for (const at of places) {
    await window.room(bytes);
    if (failures.length > 0) break;
    window.enter(bytes);
    const working = work(at)
      .catch((error: unknown) => void failures.push(error))
      .finally(() => {
        underWay.delete(working);
        window.leave(bytes);
      });
    underWay.add(working);
  }
  await Promise.all(underWay);
  if (failures.length > 0) throw failures[0];
}

function shrunk({ files }: Reached, path: string): FileError {
  return new FileError('changed', t('{0} became shorter while it was read', printable(path, 300)), {
    host: files.host,
    hint: t('Nothing was written for it. Fetch again when nothing writes the file.'),
  });
}
