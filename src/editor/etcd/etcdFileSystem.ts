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
} from 'vscode';
import type { EtcdCluster } from '../../core/etcd/etcdCluster';
import type { KeyValue } from '../../core/etcd/etcdModel';
import { keyText } from '../../core/etcd/keyText';
import { valueText } from '../../core/etcd/valueText';
import { errorReport } from '../../core/errors';
import { Disposables } from '../disposables';
import { KnownStates } from '../knownStates';
import type { KeyWritten } from './configWatch';
import type { Cluster } from './cluster';
import type { EtcdClusters } from './etcdClusters';
import { readEtcdUri } from './etcdUri';
import type { WritePermission } from './writePermission';

interface Place {
  cluster: Cluster;
  key: Buffer;
  connection: EtcdCluster;
}

/**
 * Keys as files. The time of a file is the revision of its last change, so that VS Code itself notices that a key was
 * changed behind an open document, and a save is one transaction that is guarded by the revision it looked at.
 */
export class EtcdFileSystem implements FileSystemProvider, Disposable {
  private readonly owned = new Disposables();
  private readonly changed = this.owned.add(new EventEmitter<FileChangeEvent[]>());
  readonly onDidChangeFile: Event<FileChangeEvent[]> = this.changed.event;
  /** What VS Code was told, by URI; the time is the revision of the last change. */
  private readonly states = new KnownStates();

  constructor(
    private readonly clusters: EtcdClusters,
    private readonly permission: WritePermission,
    /** A key was written. */
    private readonly written: KeyWritten,
  ) {}

  /** Nothing is polled; who learns of a change calls `keyChanged`. */
  watch(): Disposable {
    return { dispose: () => {} };
  }

  keyChanged(uri: Uri, type = FileChangeType.Changed): void {
    this.changed.fire([{ uri, type }]);
  }

  async stat(uri: Uri): Promise<FileStat> {
    return this.attempt(uri, async ({ cluster, key, connection }) => {
      const kv = await connection.get(key, optionsOf(cluster));
      if (!kv) throw this.notFound(uri);
      const isReadOnly = cluster.settings.readOnly || valueText(kv.value) === undefined;
      return {
        type: FileType.File,
        ...{ ctime: kv.createRevision, ...this.states.observe(uri.toString(), stateOf(kv)) },
        ...(isReadOnly && { permissions: FilePermission.Readonly }),
      };
    });
  }

  async readFile(uri: Uri): Promise<Uint8Array> {
    return this.attempt(uri, async ({ cluster, key, connection }) => {
      const kv = await connection.get(key, optionsOf(cluster));
      if (!kv) throw this.notFound(uri);
      this.states.hold(uri.toString(), stateOf(kv));
      return kv.value;
    });
  }

  async writeFile(
    uri: Uri,
    content: Uint8Array,
    options: { create: boolean; overwrite: boolean },
  ): Promise<void> {
    await this.attempt(uri, async ({ cluster, key, connection }) => {
      // VS Code has just looked at the key, and asked the user where it is not what was opened.
      const ifRevision = this.revisionOf(uri);
      if (ifRevision === 0 && !options.create) throw FileSystemError.FileNotFound(uri);
      if (ifRevision > 0 && !options.overwrite) throw FileSystemError.FileExists(uri);
      await this.permission.ask(cluster, l10n.t('Write {0}?', keyText(key)));
      const result = await connection.put(key, Buffer.from(content), { ...optionsOf(cluster), ifRevision });
      if (!result.ok) {
        const [conflict] = result.conflicts;
        this.keyChanged(uri, conflict?.current ? FileChangeType.Changed : FileChangeType.Deleted);
        throw FileSystemError.Unavailable(conflictText(key, conflict?.current));
      }
      this.states.hold(uri.toString(), { mtime: result.revision, size: content.length });
      this.written(cluster, key, result.revision);
      this.keyChanged(uri, ifRevision === 0 ? FileChangeType.Created : FileChangeType.Changed);
    });
  }

  async delete(uri: Uri): Promise<void> {
    await this.attempt(uri, async ({ cluster, key, connection }) => {
      await this.permission.ask(cluster, l10n.t('Delete {0}?', keyText(key)));
      const ifRevision = this.revisionOf(uri);
      const result = await connection.delete(key, { ...optionsOf(cluster), ifRevision });
      if (!result.ok) throw FileSystemError.Unavailable(conflictText(key, result.conflicts[0]?.current));
      this.states.forget(uri.toString());
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

  createDirectory(uri: Uri): never {
    throw FileSystemError.NoPermissions(uri);
  }

  dispose(): void {
    this.owned.dispose();
  }

  private revisionOf(uri: Uri): number {
    return this.states.get(uri.toString())?.state.mtime ?? 0;
  }

  private notFound(uri: Uri): FileSystemError {
    this.states.forget(uri.toString());
    return FileSystemError.FileNotFound(uri);
  }

  private async attempt<T>(uri: Uri, work: (place: Place) => Promise<T>): Promise<T> {
    const name = readEtcdUri(uri);
    const cluster = name && this.clusters.find(name.cluster, name.inventory);
    if (!cluster) throw FileSystemError.FileNotFound(uri);
    try {
      return await work({ cluster, key: name.key, connection: await cluster.open() });
    } catch (error) {
      if (error instanceof FileSystemError) throw error;
      const { code, message, causes, hint } = errorReport(error);
      const text = [`${cluster.name}: ${message}`, ...causes, ...(hint === undefined ? [] : [hint])].join(
        ' — ',
      );
      throw code === 'READ_ONLY' || code === 'CANCELLED'
        ? FileSystemError.NoPermissions(text)
        : FileSystemError.Unavailable(text);
    }
  }
}

function stateOf({ modRevision, value }: KeyValue) {
  return { mtime: modRevision, size: value.length };
}

function optionsOf({ gone, settings }: Cluster) {
  return { signal: gone, timeoutMs: settings.timeoutMs };
}

function conflictText(key: Buffer, current: KeyValue | undefined): string {
  return current
    ? l10n.t(
        '{0} was changed at revision {1} meanwhile. Nothing was written: save again to compare.',
        keyText(key),
        current.modRevision,
      )
    : l10n.t('{0} was deleted meanwhile. Nothing was written.', keyText(key));
}
