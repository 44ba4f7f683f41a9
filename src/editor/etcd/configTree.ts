import { type Disposable, EventEmitter, type TreeDataProvider, type TreeItem } from 'vscode';
import type { LevelEntry } from '../../core/etcd/listLevel';
import type { KeyValue } from '../../core/etcd/etcdModel';
import { errorReport } from '../../core/errors';
import { Disposables } from '../disposables';
import { clusterTooltip, configItem } from './configItem';
import {
  type ClusterNode,
  type ConfigNode,
  type FolderNode,
  type KeyNode,
  type Level,
  type ParentNode,
  prefixOf,
} from './configNodes';
import type { Cluster, EtcdClusters } from './etcdClusters';

/** Rows that are loaded below one at a time. */
const pageSize = 500;
/** Folders of a page whose keys are counted, and how many of them at the same time. */
const counted = { folders: 200, atOnce: 4 };

/** Clusters, folders and keys: what is opened is read, page by page, and nothing else. */
export class ConfigTree implements TreeDataProvider<ConfigNode>, Disposable {
  private readonly owned = new Disposables();
  private readonly changed = this.owned.add(new EventEmitter<ConfigNode[] | undefined>());
  readonly onDidChangeTreeData = this.changed.event;
  private readonly roots = new Map<Cluster, ClusterNode>();
  private readonly loading = new WeakMap<ParentNode, Promise<void>>();
  /** Only keys that contain this are shown. */
  private part: string | undefined;

  constructor(private readonly clusters: EtcdClusters) {
    this.owned.add(clusters.onDidChange(() => this.changed.fire(undefined)));
  }

  get filter(): string | undefined {
    return this.part;
  }

  setFilter(part: string | undefined): void {
    this.part = part;
    for (const root of this.roots.values()) delete root.level;
    this.changed.fire(undefined);
  }

  /** Reads the rows below `node` again when they are on screen, all rows without one. */
  refresh(node?: ParentNode): void {
    if (!node) this.roots.clear();
    else {
      delete node.level;
      if (node.kind === 'cluster') delete node.status;
    }
    this.changed.fire(node && [node]);
  }

  /** Reads again what shows a key or what begins with it, as far as it was opened. */
  keyChanged(cluster: Cluster, key: Buffer): void {
    let node: ParentNode | undefined = this.roots.get(cluster);
    let deepest: ParentNode | undefined;
    while (node) {
      deepest = node;
      node = node.level?.entries.find(
        (entry): entry is FolderNode =>
          entry.kind === 'folder' && key.subarray(0, entry.prefix.length).equals(entry.prefix),
      );
    }
    if (deepest?.level) this.refresh(deepest);
  }

  rootOf(cluster: Cluster): ClusterNode {
    const root = this.roots.get(cluster) ?? { kind: 'cluster', cluster, parent: undefined };
    this.roots.set(cluster, root);
    return root;
  }

  getTreeItem(node: ConfigNode): TreeItem {
    return configItem(node, this.clusters);
  }

  resolveTreeItem(item: TreeItem, node: ConfigNode): TreeItem {
    if (node.kind === 'cluster') item.tooltip = clusterTooltip(node);
    return item;
  }

  async getChildren(node?: ConfigNode): Promise<ConfigNode[]> {
    if (!node) return this.clusters.all.map((cluster) => this.rootOf(cluster));
    if (node.kind !== 'cluster' && node.kind !== 'folder') return [];
    if (!node.level) await this.load(node);
    const { entries, next, error } = node.level!;
    const { cluster } = node;
    return [
      ...entries,
      ...(error ? [{ kind: 'failed', cluster, parent: node, error } as const] : []),
      ...(next && !error ? [{ kind: 'more', cluster, parent: node } as const] : []),
    ];
  }

  getParent(node: ConfigNode): ConfigNode | undefined {
    return node.parent;
  }

  /** Loads the next page below a row. */
  async showMore(node: ParentNode): Promise<void> {
    await this.load(node);
    this.changed.fire([node]);
  }

  dispose(): void {
    this.owned.dispose();
  }

  /** One page after those that are there; what goes wrong is a row. */
  private load(node: ParentNode): Promise<void> {
    const loading = this.loading.get(node) ?? this.loadPage(node).finally(() => this.loading.delete(node));
    this.loading.set(node, loading);
    return loading;
  }

  private async loadPage(node: ParentNode): Promise<void> {
    const level: Level = node.level ?? { entries: [], next: undefined };
    try {
      delete level.error;
      if (node.kind === 'cluster' && !node.status) await this.loadStatus(node);
      const { entries, next } = await this.nextPage(node, level.next);
      const added = entries.map((entry) => nodeOf(node, entry));
      level.entries.push(...added);
      level.next = next;
      void this.count(node.cluster, added);
    } catch (error) {
      level.error = errorReport(error);
    }
    node.level = level;
  }

  private async nextPage(node: ParentNode, from: Buffer | undefined) {
    const { cluster } = node;
    const connection = await cluster.open();
    const options = { signal: cluster.gone, timeoutMs: cluster.settings.timeoutMs };
    if (this.part !== undefined && node.kind === 'cluster') {
      const { searchKeys } = await import('./searchKeys');
      return searchKeys(connection, {
        part: this.part,
        prefix: cluster.prefix,
        from,
        limit: pageSize,
        options,
      });
    }
    const { listLevel } = await import('../../core/etcd/listLevel');
    const { separator } = cluster;
    return listLevel((range, limit) => connection.range(range, { ...options, limit, keysOnly: true }), {
      ...{ prefix: prefixOf(node), separator, limit: pageSize },
      ...(from && { from }),
    });
  }

  private async loadStatus(node: ClusterNode): Promise<void> {
    const { cluster } = node;
    const connection = await cluster.open();
    node.status = await connection.status({ signal: cluster.gone, timeoutMs: cluster.settings.timeoutMs });
    this.changed.fire([node]);
  }

  /** Fills in how many keys folders have: they are drawn without, since counting takes a question for each. */
  private async count(cluster: Cluster, nodes: readonly (FolderNode | KeyNode)[]): Promise<void> {
    const folders = nodes.filter((node) => node.kind === 'folder').slice(0, counted.folders);
    if (folders.length === 0) return;
    const waiting = [...folders];
    const worker = async () => {
      const connection = await cluster.open();
      const { prefixRange } = await import('../../core/etcd/etcdModel');
      for (let folder = waiting.shift(); folder; folder = waiting.shift()) {
        const options = { signal: cluster.gone, timeoutMs: cluster.settings.timeoutMs };
        folder.count = await connection.count(prefixRange(folder.prefix), options);
      }
    };
    // A count that fails leaves its row without: whatever is wrong is told by the rows themselves.
    await Promise.allSettled(Array.from({ length: counted.atOnce }, worker));
    this.changed.fire(folders.filter((folder) => folder.count !== undefined));
  }
}

function nodeOf(parent: ParentNode, entry: LevelEntry): FolderNode | KeyNode {
  const { cluster } = parent;
  return entry.kind === 'folder'
    ? { kind: 'folder', cluster, parent, prefix: entry.bytes }
    : keyNode(parent, entry.kv);
}

function keyNode(parent: ParentNode, kv: KeyValue): KeyNode {
  return { kind: 'key', cluster: parent.cluster, parent, kv };
}
