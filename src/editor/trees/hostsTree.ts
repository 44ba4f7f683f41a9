import { type Disposable, EventEmitter, type TreeDataProvider, type TreeItem } from 'vscode';
import { Disposables } from '../disposables';
import type { Fleet } from '../fleets/fleet';
import type { Fleets } from '../fleets/fleets';
import { hostItem } from './hostItem';
import { HostNodes, type HostsNode } from './hostNodes';
import { hostTooltip } from './hostTooltip';

const flushMs = 100;
/** The view reads all children of a refreshed row again, so rows above many hosts are refreshed less often. */
const manyHosts = 200;
const flushManyMs = 1_000;

/** Groups, hosts and checks. Changes are gathered, and only the rows that changed are drawn anew. */
export class HostsTree implements TreeDataProvider<HostsNode>, Disposable {
  private readonly owned = new Disposables();
  private readonly changed = this.owned.add(new EventEmitter<HostsNode[] | undefined>());
  readonly onDidChangeTreeData = this.changed.event;
  private readonly flushed = this.owned.add(new EventEmitter<void>());
  /** Fires after changes were drawn, at most ten times a second. */
  readonly onDidFlush = this.flushed.event;

  private nodes: HostNodes;
  private readonly dirtyHosts = new Map<Fleet, Set<string>>();
  private readonly dirtySets = new Set<HostsNode>();
  private timer: NodeJS.Timeout | undefined;
  private setsTimer: NodeJS.Timeout | undefined;

  constructor(private readonly fleets: Fleets) {
    this.nodes = new HostNodes(fleets.shown);
    this.owned.add(fleets.onDidChange(() => this.rebuild()));
    this.owned.add(fleets.onDidChangeVerdicts(({ fleet, hosts }) => this.mark(fleet, hosts)));
  }

  getTreeItem(node: HostsNode): TreeItem {
    return hostItem(node);
  }

  resolveTreeItem(item: TreeItem, node: HostsNode): TreeItem {
    item.tooltip = hostTooltip(node);
    return item;
  }

  getChildren(node?: HostsNode): HostsNode[] {
    return [...(node ? this.nodes.childrenOf(node) : this.nodes.roots)];
  }

  getParent(node: HostsNode): HostsNode | undefined {
    return node.parent;
  }

  dispose(): void {
    clearTimeout(this.timer);
    clearTimeout(this.setsTimer);
    this.owned.dispose();
  }

  private rebuild(): void {
    this.nodes = new HostNodes(this.fleets.shown);
    this.dirtyHosts.clear();
    this.dirtySets.clear();
    this.changed.fire(undefined);
    this.flushed.fire();
  }

  private mark(fleet: Fleet, hosts: ReadonlySet<string>): void {
    const dirty = this.dirtyHosts.get(fleet) ?? new Set();
    for (const host of hosts) dirty.add(host);
    this.dirtyHosts.set(fleet, dirty);
    this.timer ??= setTimeout(() => this.flush(), flushMs);
  }

  private flush(): void {
    this.timer = undefined;
    const rows = new Set<HostsNode>();
    for (const [fleet, hosts] of this.dirtyHosts) {
      for (const host of hosts) {
        for (const node of this.nodes.nodesOf(fleet, host)) rows.add(node);
      }
      for (const node of this.setsAbove(fleet, hosts)) {
        if (node.hosts.length > manyHosts) this.dirtySets.add(node);
        else rows.add(node);
      }
    }
    this.dirtyHosts.clear();
    if (this.dirtySets.size > 0) this.setsTimer ??= setTimeout(() => this.flushSets(), flushManyMs);
    if (rows.size > 0) this.changed.fire([...rows]);
    this.flushed.fire();
  }

  private flushSets(): void {
    this.setsTimer = undefined;
    this.changed.fire([...this.dirtySets]);
    this.dirtySets.clear();
  }

  /** The rows that count any of these hosts. */
  private setsAbove(fleet: Fleet, hosts: ReadonlySet<string>) {
    return this.nodes.setsOf(fleet).filter((node) => node.hosts.some((host) => hosts.has(host)));
  }
}
