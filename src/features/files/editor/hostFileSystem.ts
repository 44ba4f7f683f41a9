import { createHash } from 'node:crypto';
import {
  type Disposable,
  EventEmitter,
  type FileChangeEvent,
  FileChangeType,
  FilePermission,
  FileSystemError,
  type FileStat,
  FileType,
  l10n,
  type Uri,
  window,
  workspace,
} from 'vscode';
import type { Logger } from '../../../platform/host/host';
import { errorChain, errorReport } from '../../../platform/errors/errors';
import { printable } from '../../../platform/text/printable';
import type { FileSession } from '../../../platform/transport/files/fileSession';
import { FileError } from '../../../platform/transport/files/fileError';
import {
  childPath,
  listFolder,
  readFile,
  type HostFileInfo,
  statFile,
} from '../../../platform/transport/files/readFiles';
import { type InPlaceReason, LeftBehind, saveFile } from '../../../platform/transport/files/saveFile';
import type { ExplicitSaves } from '../../../shell/editor/documents/explicitSaves';
import { OpenFailures } from '../../../shell/editor/documents/openFailures';
import { toFileSystemError } from './fileSystemError';
import type { HostFiles } from './hostFiles';
import type { Place } from './placeOfHostFile';
import { type FileState, KnownStates } from '../../../shell/editor/knownStates';
import { isReadOnly, type WritePolicy } from './writePolicy';

/** Bytes of a file that is opened at most. */
const maxFileBytes = 50 * 1024 * 1024;
/** Files up to this size are read before a save to see whether their content is still the same. */
const maxComparedBytes = 1024 * 1024;
/** Folders in folders that are deleted with one of them. */
const maxDepth = 100;

/** Files on hosts as VS Code reads and writes them. */
export class HostFileSystem implements Disposable {
  private readonly states = new KnownStates();
  private readonly changes = new EventEmitter<FileChangeEvent[]>();
  readonly onDidChangeFile = this.changes.event;
  /** Temporary files that a lost connection has left, by host. */
  private readonly left = new Map<string, Set<string>>();
  private readonly explained = new Set<string>();
  private readonly failures = new OpenFailures();

  constructor(
    private readonly files: HostFiles,
    private readonly saves: ExplicitSaves,
    private readonly policy: WritePolicy,
    private readonly logger: Logger,
  ) {}

  stat(uri: Uri): Promise<FileStat> {
    return this.opening(uri, async (place) => {
      try {
        return await this.files.use(place, (sftp) => this.statWith(sftp, place, uri));
      } catch (error) {
        if (FileError.of(error, 'notFound')) this.states.forget(uri.toString());
        throw error;
      }
    });
  }

  readDirectory(uri: Uri): Promise<[string, FileType][]> {
    return this.at(uri, async (place) => {
      const { entries, isCut } = await this.files.use(place, (sftp) =>
        listFolder(sftp, place.path, this.files.waiter),
      );
      // The Explorer has no word for a part of a folder.
      if (isCut) this.explainCut(place, `part of ${uri.toString()}`, entries.length);
      return entries.map((entry) => [entry.name, typeOf(entry)]);
    });
  }

  readFile(uri: Uri): Promise<Uint8Array> {
    return this.opening(uri, async (place) => {
      const { bytes, info } = await this.files.use(place, (sftp) =>
        readFile(sftp, place.path, maxFileBytes, this.files.waiter),
      );
      this.states.hold(uri.toString(), info, digestOf(bytes));
      return bytes;
    });
  }

  writeFile(
    uri: Uri,
    content: Uint8Array,
    options: { readonly create: boolean; readonly overwrite: boolean },
  ): Promise<void> {
    return this.at(uri, async (place) => {
      this.policy.assertWritable(place);
      const mayOverwrite = await this.saves.permit(
        uri,
        async () => options.overwrite && (await this.exists(place)),
      );
      const overwrite = options.overwrite && mayOverwrite;
      await this.policy.permit(place, uri);
      const key = uri.toString();
      // VS Code has just compared with this state; who writes after that is noticed by it.
      const expected = this.states.get(key)?.state;
      const { state, inPlace } = await this.files.use(
        place,
        (sftp) => this.save(sftp, place, content, { ...options, overwrite, expected }),
        {
          once: true,
        },
      );
      this.states.hold(key, state, digestOf(content));
      this.changes.fire([{ type: FileChangeType.Changed, uri }]);
      if (inPlace) this.explain(place, key, inPlace);
    });
  }

  createDirectory(uri: Uri): Promise<void> {
    return this.change(uri, FileChangeType.Created, (sftp, { path }) =>
      sftp.makeFolder(path, this.files.waiter),
    );
  }

  delete(uri: Uri, { recursive }: { readonly recursive: boolean }): Promise<void> {
    return this.change(uri, FileChangeType.Deleted, async (sftp, { path }) => {
      const info = await sftp.lstat(path, this.files.waiter);
      if (!info.isDirectory()) await sftp.removeFile(path, this.files.waiter);
      else if (recursive) await this.removeFolder(sftp, path, 0);
      else await sftp.removeFolder(path, this.files.waiter);
    });
  }

  async rename(from: Uri, to: Uri, { overwrite }: { readonly overwrite: boolean }): Promise<void> {
    await this.change(from, FileChangeType.Deleted, async (sftp, place) => {
      const target = await this.files.placeOf(to);
      if (target.host !== place.host) {
        throw FileSystemError.Unavailable(l10n.t('Files cannot be moved from one host to another.'));
      }
      await this.policy.permit(target, to);
      await renameFile(sftp, place.path, target.path, overwrite, this.files);
    });
    this.states.forget(to.toString());
    this.changes.fire([{ type: FileChangeType.Created, uri: to }]);
  }

  /** Looks whether an open file was changed or deleted on its host, and tells VS Code. */
  async refresh(uri: Uri): Promise<void> {
    const key = uri.toString();
    const before = this.states.get(key)?.shown.mtime;
    if (before === undefined) return;
    try {
      const { mtime } = await this.stat(uri);
      if (mtime !== before) this.changes.fire([{ type: FileChangeType.Changed, uri }]);
    } catch (error) {
      const isGone = error instanceof FileSystemError && error.code === 'FileNotFound';
      if (isGone) this.changes.fire([{ type: FileChangeType.Deleted, uri }]);
    }
  }

  dispose(): void {
    this.changes.dispose();
  }

  private async exists(place: Place): Promise<boolean> {
    try {
      await this.files.use(place, (sftp) => sftp.lstat(place.path, this.files.waiter));
      return true;
    } catch (error) {
      if (FileError.of(error, 'notFound')) return false;
      throw error;
    }
  }

  private async statWith(sftp: FileSession, place: Place, uri: Uri): Promise<FileStat> {
    const { waiter } = this.files;
    const key = uri.toString();
    let info = await statFile(sftp, place.path, waiter);
    let digest: string | undefined;
    // Where edits are at stake, the content decides: times are in seconds, and tools set them as they like.
    if (this.states.get(key)?.digest !== undefined && info.size <= maxComparedBytes && isDirty(key)) {
      const content = await readFile(sftp, place.path, maxComparedBytes, waiter);
      digest = digestOf(content.bytes);
      info = { ...content.info, isLink: info.isLink };
    }
    const { mtime, size } =
      info.type === 'file'
        ? this.states.observe(key, info, digest)
        : { mtime: info.mtime * 1000, size: info.size };
    return {
      type: typeOf(info),
      ctime: 0,
      ...{ mtime, size },
      ...(isReadOnly(place) && { permissions: FilePermission.Readonly }),
    };
  }

  private async save(
    sftp: FileSession,
    place: Place,
    content: Uint8Array,
    options: { create: boolean; overwrite: boolean; expected?: FileState },
  ): Promise<{ state: FileState; inPlace?: InPlaceReason }> {
    const { waiter } = this.files;
    const hostKey = `${place.fleet.id}\0${place.host.name}`;
    for (const path of this.left.get(hostKey) ?? []) {
      await sftp.removeFile(path, waiter).catch(() => {});
      this.left.get(hostKey)?.delete(path);
    }
    try {
      return await saveFile(sftp, place.path, content, options, waiter);
    } catch (error) {
      if (error instanceof LeftBehind) {
        const paths = this.left.get(hostKey) ?? new Set();
        this.left.set(hostKey, paths.add(error.path));
      }
      throw error;
    }
  }

  /** A change that is no save: permitted, made, and told to VS Code. */
  private change(
    uri: Uri,
    type: FileChangeType,
    work: (sftp: FileSession, place: Place) => Promise<void>,
  ): Promise<void> {
    return this.at(uri, async (place) => {
      await this.policy.permit(place, uri);
      await this.files.use(place, (sftp) => work(sftp, place), { once: true });
      this.states.forget(uri.toString());
      this.changes.fire([{ type, uri }]);
    });
  }

  private async removeFolder(sftp: FileSession, path: string, depth: number): Promise<void> {
    const { waiter } = this.files;
    if (depth > maxDepth) throw FileSystemError.Unavailable(l10n.t('The folders are nested too deeply.'));
    const { entries } = await listFolder(sftp, path, waiter);
    for (const { name, type, isLink } of entries) {
      const child = childPath(path, name);
      // A link goes, what it leads to stays.
      if (type === 'folder' && !isLink) await this.removeFolder(sftp, child, depth + 1);
      else await sftp.removeFile(child, waiter);
    }
    await sftp.removeFolder(path, waiter);
  }

  private explainCut({ host, path }: Place, key: string, shown: number): void {
    this.logger.warn(`${host.name}: only ${shown} entries of ${path} were read`);
    if (this.explained.has(key)) return;
    this.explained.add(key);
    void window.showWarningMessage(
      l10n.t(
        'Only a part of {0} on {1} is shown, {2} entries: there are more, or the host goes on sending without end.',
        printable(path, 200),
        host.name,
        shown,
      ),
    );
  }

  private explain({ host, path }: Place, key: string, reason: InPlaceReason): void {
    this.logger.warn(`${host.name}: ${path} was saved in place (${reason})`);
    if (this.explained.has(key)) return;
    this.explained.add(key);
    void window.showWarningMessage(
      l10n.t(
        '{0} on {1} was saved, but not in one step: {2}. A connection lost in the middle of a save could leave half of it.',
        path,
        host.name,
        reasonText(reason),
      ),
    );
  }

  /** Does what VS Code does to open a document, and says why it cannot. */
  private async opening<T>(uri: Uri, work: (place: Place) => Promise<T>): Promise<T> {
    try {
      return await this.at(uri, work);
    } catch (error) {
      // That there is no such file VS Code says itself.
      if (error instanceof FileSystemError && error.code !== 'FileNotFound')
        this.failures.show(uri, error.message);
      throw error;
    }
  }

  /** Does something at the place that a URI names; what goes wrong is logged and put as VS Code expects it. */
  private async at<T>(uri: Uri, work: (place: Place) => Promise<T>): Promise<T> {
    let host = '';
    try {
      const place = await this.files.placeOf(uri);
      host = place.host.name;
      return await work(place);
    } catch (error) {
      // Editors ask for files that may well not be there.
      if (!FileError.of(error, 'notFound') && !(error instanceof FileSystemError))
        this.logger.warn([`${uri.toString()}`, ...errorChain(errorReport(error))].join('\n  '));
      throw toFileSystemError(error, host || 'Muster');
    }
  }
}

function typeOf({ type, isLink }: Pick<HostFileInfo, 'type' | 'isLink'>): FileType {
  const own = { file: FileType.File, folder: FileType.Directory, other: FileType.Unknown }[type];
  return isLink ? own | FileType.SymbolicLink : own;
}

function reasonText(reason: InPlaceReason): string {
  switch (reason) {
    case 'folder':
      return l10n.t('no file may be made in its folder');
    case 'owner':
      return l10n.t('a new file would have another owner');
    case 'rename':
      return l10n.t('the SFTP server cannot replace files');
  }
}

function isDirty(key: string): boolean {
  return workspace.textDocuments.some(({ uri, isDirty }) => isDirty && uri.toString() === key);
}

function digestOf(bytes: Uint8Array): string | undefined {
  return bytes.length > maxComparedBytes ? undefined : createHash('sha256').update(bytes).digest('base64');
}

async function renameFile(
  sftp: FileSession,
  from: string,
  to: string,
  overwrite: boolean,
  { waiter }: HostFiles,
): Promise<void> {
  if (overwrite && sftp.canReplace) return sftp.replace(from, to, waiter);
  const isThere = await sftp.lstat(to, waiter).then(
    () => true,
    () => false,
  );
  if (isThere && !overwrite) throw FileSystemError.FileExists(to);
  if (isThere) await sftp.removeFile(to, waiter);
  await sftp.rename(from, to, waiter);
}
