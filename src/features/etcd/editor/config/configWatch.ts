import {
  type Disposable,
  EventEmitter,
  type FileDecoration,
  type FileDecorationProvider,
  l10n,
  ThemeColor,
  type Uri,
  window,
} from 'vscode';
import type { KeyValue } from '../../core/client/etcdModel';
import type { WatchEvent, WatchRecord } from '../../core/watch/etcdWatchRecord';
import { Disposables } from '../../../../shell/editor/disposables';
import type { KeyNow } from './changeLevel';
import type { ToldRecord } from '../clusters/clusterWatches';
import type { Cluster } from '../clusters/cluster';
import type { EtcdClusters } from '../clusters/etcdClusters';
import { etcdScheme } from '../documents/etcdUri';
import { uriOfKey } from '../documents/uriOfKey';

/** Milliseconds in which changes are gathered. */
const gatherMs = 500;
/** Keys that are remembered as changed; the oldest are forgotten. */
const maxChanged = 5_000;
/** Revisions of one cluster whose time is remembered. */
const maxTimes = 20_000;
/** Revisions written from here that are remembered. */
const maxOwn = 1_000;

/** Keys of one cluster that changed. */
export interface KeyChanges {
  cluster: Cluster;
  /** In the order of their changes, each once, as it is now. */
  changes: readonly KeyNow[];
}

/** A key was written from here, at that revision, or was found to be another than was known. */
export type KeyWritten = (cluster: Cluster, key: Buffer, revision?: number) => void;

/** Follows what changes in the clusters that were looked at, and marks keys until they are. */
export class ConfigWatch implements FileDecorationProvider, Disposable {
  private readonly owned = new Disposables();
  private readonly changes = this.owned.add(new EventEmitter<KeyChanges>());
  readonly onDidChange = this.changes.event;
  private readonly decorated = this.owned.add(new EventEmitter<Uri[]>());
  readonly onDidChangeFileDecorations = this.decorated.event;
  private readonly followed = new WeakSet<Cluster>();
  private readonly gathered = new Map<Cluster, Map<string, KeyNow>>();
  private timer: NodeJS.Timeout | undefined;
  /** When revisions were seen: etcd itself keeps no times. */
  private readonly times = new WeakMap<Cluster, Map<number, Date>>();
  /** Revisions that were written from here. */
  private readonly own = new WeakMap<Cluster, Set<number>>();
  /** URIs of keys that changed since they were looked at, in the order of the changes. */
  private readonly changed = new Map<string, Uri>();

  constructor(private readonly clusters: EtcdClusters) {
    this.owned.add(clusters.watches.onDidTell((told) => this.take(told)));
  }

  /** Follows the cluster until it goes. */
  follow(cluster: Cluster): void {
    this.followed.add(cluster);
    this.clusters.watches.follow(cluster);
  }

  /** Tries again to follow the clusters that were looked at, and could not be. */
  followAgain(): void {
    for (const cluster of this.clusters.all) if (this.followed.has(cluster)) this.follow(cluster);
  }

  /** When the change of that revision was seen in this window. */
  seenAt(cluster: Cluster, revision: number): Date | undefined {
    return this.times.get(cluster)?.get(revision);
  }

  /** What was written from here is no news. */
  wrote(cluster: Cluster, revision: number): void {
    const revisions = this.own.get(cluster) ?? new Set();
    this.own.set(cluster, revisions.add(revision));
    const [oldest] = revisions;
    if (revisions.size > maxOwn && oldest !== undefined) revisions.delete(oldest);
  }

  /** The key was looked at. */
  seen(uri: Uri): void {
    if (this.changed.delete(uri.toString())) this.decorated.fire([uri]);
  }

  provideFileDecoration(uri: Uri): FileDecoration | undefined {
    if (uri.scheme !== etcdScheme || !this.changed.has(uri.toString())) return undefined;
    return {
      badge: '●',
      tooltip: l10n.t('Changed since you looked at it'),
      color: new ThemeColor('gitDecoration.modifiedResourceForeground'),
      // To the folders that it is in, which may be collapsed.
      propagate: true,
    };
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.owned.dispose();
  }

  private take({ cluster, record }: ToldRecord): void {
    if (!this.followed.has(cluster)) return;
    const gathered = this.gathered.get(cluster) ?? new Map<string, KeyNow>();
    this.gathered.set(cluster, gathered);
    for (const { key, current } of changesOf(record)) {
      const id = key.toString('latin1');
      gathered.delete(id);
      gathered.set(id, { key, kv: current && { ...current, value: noValue } });
    }
    if (record.type === 'events') this.note(cluster, record.events);
    if (gathered.size > 0) this.timer ??= setTimeout(() => this.tell(), gatherMs);
  }

  private tell(): void {
    this.timer = undefined;
    const all = [...this.gathered];
    this.gathered.clear();
    for (const [cluster, gathered] of all) {
      const changes = [...gathered.values()];
      if (changes.length === 0 || cluster.gone.aborted) continue;
      this.mark(cluster, changes);
      this.changes.fire({ cluster, changes });
    }
  }

  private note(cluster: Cluster, events: readonly WatchEvent[]): void {
    const times = this.times.get(cluster) ?? new Map<number, Date>();
    this.times.set(cluster, times);
    const now = new Date();
    for (const { revision } of events) times.set(revision, now);
    for (const revision of times.keys()) {
      if (times.size <= maxTimes) break;
      times.delete(revision);
    }
  }

  private mark(cluster: Cluster, changes: readonly KeyNow[]): void {
    const own = this.own.get(cluster);
    const shown = new Set(window.visibleTextEditors.map(({ document }) => document.uri.toString()));
    const uris = changes
      .slice(-maxChanged)
      .filter(({ kv }) => !kv || !own?.has(kv.modRevision))
      .map(({ key }) => uriOfKey(this.clusters, cluster, key))
      .filter((uri) => !shown.has(uri.toString()));
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

const noValue = Buffer.alloc(0);

function changesOf(record: WatchRecord): readonly { key: Buffer; current: KeyValue | undefined }[] {
  if (record.type === 'events') return record.events;
  return record.type === 'difference' ? record.changes : [];
}
