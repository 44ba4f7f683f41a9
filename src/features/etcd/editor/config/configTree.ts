import { type Disposable, EventEmitter, l10n, type TreeDataProvider, type TreeItem, workspace } from 'vscode';
import type { LevelEntry } from '../../core/keys/listLevel';
import type { KeyValue } from '../../core/client/etcdModel';
import { errorReport, MusterError } from '../../../../platform/errors/errors';
import { entryBelow, type KeyEntry } from '../../core/keys/keyFolders';
import { Disposables } from '../../../../shell/editor/disposables';
import { type ChangedRows, changeLevel, type KeyNow, removeFolder } from './changeLevel';
import { clusterWords } from '../clusters/clusterWords';
import { clusterTooltip, configItem, keyTooltip } from './configItem';
import {
  type ClusterNode,
  type ConfigNode,
  type FolderNode,
  isUnreachable,
  type KeyNode,
  type Level,
  type ParentNode,
  prefixOf,
} from './configNodes';
import type { Cluster } from '../clusters/cluster';
import type { EtcdClusters } from '../clusters/etcdClusters';
import { keyFilter } from './keyFilter';
import { unattended } from '../../../../shell/editor/prompts/unattended';

/** Rows that are loaded below one at a time. */
const pageSize = 1_000;
/** Milliseconds in which rows to be drawn again are gathered. */
const redrawMs = 300;
/**
 * From when VS Code is asked to draw rows again until it has read them, it does not know any of them, and what is chosen
 * from their menus meanwhile comes without its row. So rows that keep coming and going are left alone for this many times
 * as long, and for some milliseconds when the pointer rests on one.
 */
const rest = { share: 30, pointedMs: 2_000, longestMs: 5_000 };
/** Milliseconds after which what is known of the members of a cluster is asked for again. */
const statusAgeMs = 30_000;
/** Folders of a page whose keys are counted, and how many of them at the same time. */
const counted = { folders: 200, atOnce: 4 };

/** Clusters, folders and keys: what is opened is read, page by page, and nothing else. */
export class ConfigTree implements TreeDataProvider<ConfigNode>, Disposable {
  private readonly owned = new Disposables();
  private readonly changed = this.owned.add(new EventEmitter<ConfigNode[] | undefined>());
  readonly onDidChangeTreeData = this.changed.event;
  private readonly roots = new Map<Cluster, ClusterNode>();
  private readonly loading = new WeakMap<ParentNode, Promise<void>>();
  private readonly stale = new Set<ConfigNode>();
  private readonly asking = new WeakSet<ClusterNode>();
  private readonly askedAt = new WeakMap<ClusterNode, number>();
  private redrawing: NodeJS.Timeout | undefined;
  /** When the first row of `stale` became so, and whether somebody waits for one of them; ms since the epoch. */
  private staleSince: number | undefined;
  private isAwaited = false;
  /** When VS Code was asked to draw anew the rows below these. */
  private drawing: { since: number; parents: ReadonlySet<ConfigNode> } | undefined;
  /** Until when rows that others change are left alone. */
  private restUntil = 0;
  /** What keys are filtered by. */
  private part: string | undefined;

  constructor(private readonly clusters: EtcdClusters) {
    this.owned.add(clusters.onDidChange(() => this.changed.fire(undefined)));
    this.owned.add(clusters.onDidChangeLogin((cluster) => this.loginChanged(cluster)));
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

  /** Puts changes into the rows that were loaded; no more is read than how many keys folders have. */
  apply(cluster: Cluster, changes: readonly KeyNow[], isAwaited = false): void {
    const root = this.roots.get(cluster);
    if (!root) return;
    const rows: ChangedRows = { redraw: new Set(), recount: new Set() };
    for (const change of changes) this.applyOne(root, change, rows);
    this.redraw(rows.redraw, isAwaited);
    void this.count(cluster, [...rows.recount], isAwaited);
  }

  /** A key was written from here: its row does not wait for the watch. */
  async readAgain(cluster: Cluster, key: Buffer): Promise<void> {
    const options = { signal: cluster.gone, timeoutMs: cluster.settings.timeoutMs, keysOnly: true };
    const { singleKey } = await import('../../core/client/etcdModel');
    const seen = await (await cluster.open()).range(singleKey(key), options).catch(() => undefined);
    if (seen) this.apply(cluster, [{ key, kv: seen.kvs[0] }], true);
  }

  /** The watch of a cluster has lost its connection, or has it again. */
  connectionChanged(cluster: Cluster, isLost: boolean): void {
    const node = this.roots.get(cluster);
    if (!node?.status) return;
    void this.askMembers(node, () => (node.isLost = isLost));
  }

  /** Asks the members of opened clusters again where what is known of them has grown old. */
  keepStatus(): void {
    if (!workspace.isTrusted) return;
    for (const node of this.roots.values()) {
      const age = Date.now() - (this.askedAt.get(node) ?? 0);
      if (node.status && (isUnreachable(node) || age > statusAgeMs))
        void unattended(() => this.askMembers(node));
    }
  }

  rootOf(cluster: Cluster): ClusterNode {
    const root = this.roots.get(cluster) ?? { kind: 'cluster', cluster, parent: undefined };
    this.roots.set(cluster, root);
    return root;
  }

  getTreeItem(node: ConfigNode): TreeItem {
    if (node.kind === 'key') node.isExplained = false;
    return configItem(node, this.clusters);
  }

  async resolveTreeItem(item: TreeItem, node: ConfigNode): Promise<TreeItem> {
    this.leaveAlone(rest.pointedMs);
    if (node.kind === 'cluster') {
      // As it is now: a tooltip is asked for once per hover, and is not left to grow old.
      if (workspace.isTrusted) await this.readStatus(node).catch(() => {});
      item.tooltip = clusterTooltip(node);
    }
    if (node.kind === 'key') {
      node.isExplained = true;
      const { lease } = node.kv;
      item.tooltip = keyTooltip(node);
      if (lease !== undefined) item.tooltip += await this.ttlText(lease, node.cluster);
    }
    return item;
  }

  async getChildren(node?: ConfigNode): Promise<ConfigNode[]> {
    if (!node) return this.clusters.all.map((cluster) => this.rootOf(cluster));
    if (node.kind !== 'cluster' && node.kind !== 'folder') return [];
    if (this.drawing?.parents.has(node)) {
      const tookMs = Date.now() - this.drawing.since;
      this.drawing = undefined;
      this.leaveAlone(tookMs * rest.share);
    }
    if (!node.level) {
      await this.load(node);
      if (node.kind === 'cluster') this.redraw([node]);
    }
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
    clearTimeout(this.redrawing);
    this.owned.dispose();
  }

  private applyOne(root: ClusterNode, change: KeyNow, rows: ChangedRows): void {
    let parent: ParentNode | undefined = root;
    while (parent) {
      const loading = this.loading.get(parent);
      // The page may have been read before the change, or after it.
      if (loading) return void loading.then(() => this.apply(root.cluster, [change]));
      if (!parent.level) return;
      const { key, kv } = change;
      if (this.part !== undefined && !keyFilter(this.part, root.cluster.prefix).matches(key)) return;
      const entry: KeyEntry =
        this.part === undefined
          ? entryBelow(prefixOf(parent), key, root.cluster.separator)
          : { kind: 'key', bytes: key };
      parent = changeLevel(parent, parent.level, entry, kv, rows);
    }
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
      await logIn(node.cluster);
      if (node.kind === 'cluster' && !node.status) await this.readStatus(node);
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
      const filter = keyFilter(this.part, cluster.prefix);
      return searchKeys(connection, { filter, from, limit: pageSize, options });
    }
    const { listLevel } = await import('../../core/keys/listLevel');
    const { separator } = cluster;
    return listLevel((range, limit) => connection.range(range, { ...options, limit, keysOnly: true }), {
      ...{ prefix: prefixOf(node), separator, limit: pageSize },
      ...(from && { from }),
    });
  }

  private loginChanged(cluster: Cluster): void {
    const root = this.roots.get(cluster);
    if (!root) return;
    if (cluster.login === 'done' && root.level?.error) this.refresh(root);
    else this.redraw([root]);
  }

  private async readStatus(node: ClusterNode): Promise<void> {
    const { cluster } = node;
    const connection = await cluster.open();
    const status = await connection.status({ signal: cluster.gone, timeoutMs: cluster.settings.timeoutMs });
    const members = status.endpoints.filter(({ healthy }) => healthy).length;
    node.status = status;
    node.isLost = false;
    this.askedAt.set(node, Date.now());
    if (members > 0) node.lastHealthy = { members, at: Date.now() };
  }

  /** Draws the row anew when it says something else: at once after `change`, and when the members have answered. */
  private async askMembers(node: ClusterNode, change: () => void = () => {}): Promise<void> {
    const before = clusterWords(node).join();
    const redrawChanged = () => {
      if (clusterWords(node).join() !== before || isUnreachable(node)) this.redraw([node]);
    };
    change();
    redrawChanged();
    if (this.asking.has(node)) return;
    this.asking.add(node);
    await this.readStatus(node).catch(() => {});
    this.asking.delete(node);
    redrawChanged();
  }

  /** What is left of the lease of a key, for its tooltip. */
  private async ttlText(lease: string, cluster: Cluster): Promise<string> {
    const options = { signal: cluster.gone, timeoutMs: cluster.settings.timeoutMs };
    const left = await cluster
      .open()
      .then((connection) => connection.lease(lease, options))
      .catch(() => undefined);
    return left?.ttl === undefined ? '' : `\n${l10n.t('{0} s of {1} s left', left.ttl, left.grantedTtl)}`;
  }

  /** Fills in how many keys folders have: they are drawn without, since counting takes a question for each. */
  private async count(
    cluster: Cluster,
    nodes: readonly (FolderNode | KeyNode)[],
    isAwaited = true,
  ): Promise<void> {
    const folders = nodes.filter((node) => node.kind === 'folder').slice(0, counted.folders);
    if (folders.length === 0) return;
    const before = folders.map(({ count }) => count);
    const waiting = [...folders];
    const worker = async () => {
      const connection = await cluster.open();
      const { prefixRange } = await import('../../core/client/etcdModel');
      for (let folder = waiting.shift(); folder; folder = waiting.shift()) {
        const options = { signal: cluster.gone, timeoutMs: cluster.settings.timeoutMs };
        folder.count = await connection.count(prefixRange(folder.prefix), options);
      }
    };
    // A count that fails leaves its row without: whatever is wrong is told by the rows themselves.
    await Promise.allSettled(Array.from({ length: counted.atOnce }, worker));
    const empty = folders.filter((folder) => folder.count === 0);
    for (const folder of empty) removeFolder(folder);
    const changed = folders.filter(({ count }, index) => count !== before[index]);
    // All of a page are drawn with those around them; later on each by itself, which leaves the others' menus alone.
    this.redraw(
      changed.map((folder) =>
        before[folders.indexOf(folder)] === undefined || folder.count === 0 ? folder.parent : folder,
      ),
      isAwaited,
    );
  }

  /**
   * Together and a little later: VS Code drops the refresh of a row while it asks for those around it. What nobody waits
   * for waits until the rows have been left alone for a while.
   */
  private redraw(nodes: Iterable<ConfigNode>, isAwaited = true): void {
    for (const node of nodes) this.stale.add(node);
    if (this.stale.size === 0) return;
    this.staleSince ??= Date.now();
    this.isAwaited ||= isAwaited;
    const restEnds = this.isAwaited ? 0 : Math.min(this.restUntil, this.staleSince + rest.longestMs);
    clearTimeout(this.redrawing);
    this.redrawing = setTimeout(
      () => this.draw(),
      Math.max(this.staleSince + redrawMs, restEnds) - Date.now(),
    );
  }

  private draw(): void {
    const stale = [...this.stale];
    this.stale.clear();
    this.staleSince = undefined;
    this.isAwaited = false;
    this.drawing = { since: Date.now(), parents: new Set(stale) };
    this.changed.fire(stale);
  }

  private leaveAlone(ms: number): void {
    this.restUntil = Math.max(this.restUntil, Date.now() + Math.min(ms, rest.longestMs));
    this.redraw([], false);
  }
}

/** A password that is needed is asked for once; after that the user says when. */
async function logIn(cluster: Cluster): Promise<void> {
  try {
    // What it was refused with is told without another attempt.
    await (cluster.isLocked ? unattended(() => cluster.logIn()) : cluster.logIn());
  } catch (error) {
    // What the members say of themselves tells more than that none of them could be asked.
    if (MusterError.is(error, 'AUTH')) throw error;
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
