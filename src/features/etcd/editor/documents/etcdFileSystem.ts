import {
  type Event,
  EventEmitter,
  FilePermission,
  type FileChangeEvent,
  FileChangeType,
  type FileStat,
  FileSystemError,
  type FileSystemProvider,
  FileType,
  l10n,
  type Disposable,
  type Uri,
  workspace,
} from 'vscode';
import type { EtcdCluster } from '../../core/client/etcdCluster';
import type { KeyValue } from '../../core/client/etcdModel';
import { nothingWritten } from '../../core/client/etcdError';
import { keyText } from '../../core/keys/keyText';
import { valueText } from '../../core/keys/valueText';
import { errorReport } from '../../../../platform/errors/errors';
import { Disposables } from '../../../../shell/editor/disposables';
import type { ExplicitSaves } from '../../../../shell/editor/documents/explicitSaves';
import { OpenFailures } from '../../../../shell/editor/documents/openFailures';
import { printable } from '../../../../platform/text/printable';
import { sizeText } from '../../../../shell/editor/text/sizeText';
import type { KeyWritten } from '../config/configWatch';
import type { Cluster } from '../clusters/cluster';
import type { EtcdClusters } from '../clusters/etcdClusters';
import { etcdScheme, readEtcdUri } from './etcdUri';
import { SaveConflicts } from './saveConflicts';
import type { WritePermission } from '../clusters/writePermission';

interface Place {
  cluster: Cluster;
  key: Buffer;
  connection: EtcdCluster;
}

/** A document that is being saved. */
interface Save {
  /** The revision that its user was shown; undefined in a window that has not read the key yet. */
  shown: number | undefined;
  /** Its user sees already what somebody else wrote. */
  isTold: boolean;
}

/** Added to the size of a value: what is left of its revision, so that no two revisions look the same. */
const revisionsBySize = 65_521;

/**
 * Keys as files. The time of a file is the revision of its last change, so that VS Code itself notices that a key was
 * changed behind an open document, and a save is one transaction that is guarded by the revision its user was shown.
 */
export class EtcdFileSystem implements Omit<FileSystemProvider, 'watch'>, Disposable {
  private readonly owned = new Disposables();
  private readonly changed = this.owned.add(new EventEmitter<FileChangeEvent[]>());
  readonly onDidChangeFile: Event<FileChangeEvent[]> = this.changed.event;
  private readonly shown = new ShownRevisions();
  private readonly failures = new OpenFailures();
  private readonly conflicts: SaveConflicts;
  /** By URI. */
  private readonly saving = new Map<string, Save>();

  constructor(
    private readonly clusters: EtcdClusters,
    private readonly saves: ExplicitSaves,
    private readonly permission: WritePermission,
    /** A key was written. */
    private readonly written: KeyWritten,
  ) {
    this.conflicts = this.owned.add(new SaveConflicts(clusters));
    this.owned.add(
      workspace.onWillSaveTextDocument(({ document: { uri } }) => {
        const id = uri.toString();
        if (uri.scheme === etcdScheme) this.saving.set(id, { shown: this.shown.get(id), isTold: false });
      }),
    );
  }

  keyChanged(uri: Uri, type = FileChangeType.Changed): void {
    this.changed.fire([{ uri, type }]);
  }

  async stat(uri: Uri): Promise<FileStat> {
    return this.opening(uri, async (place) => {
      const { cluster, key, connection } = place;
      const kv = await connection.get(key, optionsOf(cluster));
      if (!kv) throw FileSystemError.FileNotFound(uri);
      const save = this.saving.get(uri.toString());
      // VS Code looks at the key before it writes, and writes nothing where it is not what was opened.
      if (save?.shown !== undefined && save.shown !== kv.modRevision && this.saves.isExplicit(uri))
        this.tellConflict(uri, place, kv, save);
      const isReadOnly = cluster.settings.readOnly || valueText(kv.value) === undefined;
      return {
        ...{ type: FileType.File, ctime: kv.createRevision, mtime: kv.modRevision },
        // VS Code takes a file for changed only when its size is another one, and `80` may become `81`.
        size: kv.value.length + (kv.modRevision % revisionsBySize),
        ...(isReadOnly && { permissions: FilePermission.Readonly }),
      };
    });
  }

  async readFile(uri: Uri): Promise<Uint8Array> {
    return this.opening(uri, async ({ cluster, key, connection }) => {
      const kv = await connection.get(key, optionsOf(cluster));
      if (!kv) throw FileSystemError.FileNotFound(uri);
      this.shown.set(uri.toString(), kv.modRevision);
      return kv.value;
    });
  }

  async writeFile(
    uri: Uri,
    content: Uint8Array,
    options: { create: boolean; overwrite: boolean },
  ): Promise<void> {
    const id = uri.toString();
    const save = this.saving.get(id);
    this.saving.delete(id);
    const isExplicit = this.saves.isExplicit(uri);
    await this.attempt(uri, async (place) => {
      const { cluster, key, connection } = place;
      const known = save ? save.shown : this.shown.get(id);
      const now = await connection
        .get(key, optionsOf(cluster))
        .catch((error: unknown) => Promise.reject(nothingWritten(error)));
      // Other extensions reach this past VS Code, which would not let them.
      if (now && valueText(now.value) === undefined)
        throw FileSystemError.NoPermissions(
          l10n.t('{0} is not text: {1}, read-only.', keyText(key), sizeText(now.value.length)),
        );
      const overwrite =
        (await this.saves.permit(uri, () => now !== undefined && options.overwrite)) && options.overwrite;
      const ifRevision = overwrite ? (known ?? now?.modRevision ?? 0) : 0;
      if (ifRevision === 0 && !options.create) throw FileSystemError.FileNotFound(uri);
      await this.permission.ask(cluster, l10n.t('Write {0}?', keyText(key)));
      const result = await connection.put(key, Buffer.from(content), { ...optionsOf(cluster), ifRevision });
      if (!result.ok) {
        if (!overwrite) throw FileSystemError.FileExists(uri);
        const current = result.conflicts[0]?.current;
        if (current) this.tellConflict(uri, place, current, isExplicit ? save : undefined);
        else this.shown.set(id, 0);
        this.keyChanged(uri, current ? FileChangeType.Changed : FileChangeType.Deleted);
        throw FileSystemError.Unavailable(conflictText(key, current));
      }
      this.shown.set(id, result.revision);
      this.written(cluster, key, result.revision);
      this.keyChanged(uri, ifRevision === 0 ? FileChangeType.Created : FileChangeType.Changed);
    });
  }

  async delete(uri: Uri): Promise<void> {
    const id = uri.toString();
    await this.attempt(uri, async (place) => {
      const { cluster, key, connection } = place;
      await this.permission.ask(cluster, l10n.t('Delete {0}?', keyText(key)));
      const ifRevision =
        this.shown.get(id) ?? (await connection.get(key, optionsOf(cluster)))?.modRevision ?? 0;
      const result = await connection.delete(key, { ...optionsOf(cluster), ifRevision });
      if (!result.ok) {
        const current = result.conflicts[0]?.current;
        this.shown.set(id, current?.modRevision ?? 0);
        throw FileSystemError.Unavailable(conflictText(key, current));
      }
      this.shown.set(id, 0);
      this.written(cluster, key, result.revision);
      this.keyChanged(uri, FileChangeType.Deleted);
    });
  }

  async rename(from: Uri, to: Uri): Promise<void> {
    const target = readEtcdUri(to);
    await this.attempt(from, async ({ cluster, key, connection }) => {
      if (!target || this.clusters.find(target.cluster, target.inventory) !== cluster)
        throw FileSystemError.NoPermissions(l10n.t('A key is renamed within its cluster only.'));
      await this.permission.ask(cluster, l10n.t('Rename {0} to {1}?', keyText(key), keyText(target.key)));
      const result = await connection.rename(key, target.key, optionsOf(cluster));
      if (!result.ok) throw FileSystemError.FileExists(to);
      this.written(cluster, key, result.revision);
      this.written(cluster, target.key, result.revision);
      this.changed.fire([
        { uri: from, type: FileChangeType.Deleted },
        { uri: to, type: FileChangeType.Created },
      ]);
    });
  }

  /** The tree of keys is the Config view; a folder of keys is none to etcd. */
  readDirectory(uri: Uri): never {
    throw FileSystemError.FileNotADirectory(uri);
  }

  /** There is nothing to create: a folder is there when a key is in it. VS Code asks for it before a key is created. */
  createDirectory(): void {}

  dispose(): void {
    this.owned.dispose();
  }

  /** What somebody else wrote is shown beside a document that was to be saved; from then on its user has seen it. */
  private tellConflict(uri: Uri, { cluster, key }: Place, { modRevision }: KeyValue, save?: Save): void {
    this.shown.set(uri.toString(), modRevision);
    if (!save || save.isTold) return;
    save.isTold = true;
    void this.conflicts.show({ cluster, key }, modRevision, uri);
  }

  /** Does what VS Code does to open a document, and says why it cannot. */
  private async opening<T>(uri: Uri, work: (place: Place) => Promise<T>): Promise<T> {
    try {
      return await this.attempt(uri, work);
    } catch (error) {
      // That there is no such key VS Code says itself.
      if (error instanceof FileSystemError && error.code !== 'FileNotFound')
        this.failures.show(uri, error.message);
      throw error;
    }
  }

  private async attempt<T>(uri: Uri, work: (place: Place) => Promise<T>): Promise<T> {
    const name = readEtcdUri(uri);
    if (!name) throw FileSystemError.FileNotFound(uri);
    await this.clusters.whenLoaded();
    const cluster = this.clusters.find(name.cluster, name.inventory);
    if (!cluster)
      throw FileSystemError.Unavailable(
        l10n.t(
          'The etcd cluster {0} is not, or no longer, in muster.yaml, so its keys can be neither read nor written. Put it back and try again, or copy the text elsewhere.',
          printable(name.cluster, 100),
        ),
      );
    try {
      return await work({ cluster, key: name.key, connection: await cluster.open() });
    } catch (error) {
      if (error instanceof FileSystemError) throw error;
      const { code, message, causes, hint } = errorReport(error);
      const text = [`${cluster.name}: ${message}`, ...causes, ...(hint === undefined ? [] : [hint])].join(
        ' — ',
      );
      throw code === 'READ_ONLY' || code === 'UNTRUSTED' || code === 'CANCELLED'
        ? FileSystemError.NoPermissions(text)
        : FileSystemError.Unavailable(text);
    }
  }
}

function optionsOf({ gone, settings }: Cluster) {
  return { signal: gone, timeoutMs: settings.timeoutMs };
}

function conflictText(key: Buffer, current: KeyValue | undefined): string {
  return current
    ? l10n.t(
        '{0} was changed at revision {1} meanwhile. Nothing was written: compare, then choose Retry, or save again and choose Overwrite.',
        keyText(key),
        current.modRevision,
      )
    : l10n.t('{0} was deleted meanwhile. Nothing was written: save again to recreate it.', keyText(key));
}

/** More keys than this in one window are forgotten again, the oldest first. */
const maxKnown = 2_000;

/** Up to which revision the user of each document has seen its key, by URI; 0: that it does not exist. */
class ShownRevisions {
  private readonly revisions = new Map<string, number>();

  get(uri: string): number | undefined {
    return this.revisions.get(uri);
  }

  set(uri: string, revision: number): void {
    this.revisions.delete(uri);
    this.revisions.set(uri, revision);
    const [oldest] = this.revisions.keys();
    if (this.revisions.size > maxKnown && oldest !== undefined) this.revisions.delete(oldest);
  }
}
