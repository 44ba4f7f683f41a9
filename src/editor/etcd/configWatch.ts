import {
  type Disposable,
  EventEmitter,
  type FileDecoration,
  type FileDecorationProvider,
  l10n,
  ThemeColor,
  type Uri,
} from 'vscode';
import type { Logger } from '../../core/host';
import { Disposables } from '../disposables';
import type { Cluster, EtcdClusters } from './etcdClusters';
import { etcdScheme } from './etcdUri';
import { uriOfKey } from './uriOfKey';

/** Milliseconds in which changes are gathered. */
const gatherMs = 500;
/** Keys that are remembered as changed; the oldest are forgotten. */
const maxChanged = 5_000;

/** Keys of one cluster that changed. */
export interface KeyChanges {
  cluster: Cluster;
  /** In the order of their changes, each once. */
  keys: readonly Buffer[];
}

/** Follows what changes in the clusters that were looked at, and marks keys until they are. */
export class ConfigWatch implements FileDecorationProvider, Disposable {
  private readonly owned = new Disposables();
  private readonly changes = this.owned.add(new EventEmitter<KeyChanges>());
  readonly onDidChange = this.changes.event;
  private readonly decorated = this.owned.add(new EventEmitter<Uri[]>());
  readonly onDidChangeFileDecorations = this.decorated.event;
  private readonly watching = new WeakSet<Cluster>();
  /** URIs of keys that changed since they were looked at, in the order of the changes. */
  private readonly changed = new Map<string, Uri>();

  constructor(
    private readonly clusters: EtcdClusters,
    private readonly logger: Logger,
  ) {}

  /** Follows the cluster until it goes. */
  follow(cluster: Cluster): void {
    if (this.watching.has(cluster)) return;
    this.watching.add(cluster);
    void this.watch(cluster)
      .catch((error: unknown) => this.logger.warn(`etcd ${cluster.name}: not followed: ${String(error)}`))
      .finally(() => this.watching.delete(cluster));
  }

  /** The key was looked at, or written from here. */
  seen(uri: Uri): void {
    if (this.changed.delete(uri.toString())) this.decorated.fire([uri]);
  }

  provideFileDecoration(uri: Uri): FileDecoration | undefined {
    if (uri.scheme !== etcdScheme || !this.changed.has(uri.toString())) return undefined;
    return {
      badge: '●',
      tooltip: l10n.t('Changed since you looked at it'),
      color: new ThemeColor('gitDecoration.modifiedResourceForeground'),
    };
  }

  dispose(): void {
    this.owned.dispose();
  }

  private async watch(cluster: Cluster): Promise<void> {
    const [{ EtcdWatch }, { prefixRange }] = await Promise.all([
      import('../../core/etcd/etcdWatch'),
      import('../../core/etcd/etcdModel'),
    ]);
    const connection = await cluster.open();
    const watch = new EtcdWatch(connection, prefixRange(cluster.prefix), {
      previous: false,
      signal: cluster.gone,
    });
    let gathered = new Map<string, Buffer>();
    let timer: NodeJS.Timeout | undefined;
    const tell = () => {
      timer = undefined;
      const keys = [...gathered.values()];
      gathered = new Map();
      this.mark(cluster, keys);
      this.changes.fire({ cluster, keys });
    };
    try {
      for await (const record of watch) {
        const keys =
          record.type === 'events'
            ? record.events.map(({ key }) => key)
            : record.type === 'difference'
              ? record.changes.map(({ key }) => key)
              : [];
        for (const key of keys) gathered.set(key.toString('latin1'), key);
        if (gathered.size > 0) timer ??= setTimeout(tell, gatherMs);
        if (record.type === 'gap')
          this.logger.warn(
            `etcd ${cluster.name}: revisions ${record.from} to ${record.to} are unknown (${record.reason})`,
          );
      }
    } finally {
      clearTimeout(timer);
    }
  }

  private mark(cluster: Cluster, keys: readonly Buffer[]): void {
    const uris = keys.slice(-maxChanged).map((key) => uriOfKey(this.clusters, cluster, key));
    for (const uri of uris) {
      this.changed.delete(uri.toString());
      this.changed.set(uri.toString(), uri);
    }
    for (const [text] of this.changed) {
      if (this.changed.size <= maxChanged) break;
      this.changed.delete(text);
    }
    this.decorated.fire(uris);
  }
}
