import { type Disposable, type Event, EventEmitter, type TreeDataProvider, type TreeItem } from 'vscode';
import { Disposables } from '../disposables';
import type { Fleet } from '../fleets/fleet';
import type { Fleets } from '../fleets/fleets';
import { type HostArrangement, usualArrangement } from './hostArrangement';
import { hostItem } from './hostItem';
import {
  type BranchRow,
  type FleetNode,
  type GroupNode,
  type HostNode,
  HostNodes,
  type HostsNode,
} from './hostNodes';
import { hostTooltip } from './hostTooltip';

const flushMs = 100;
/** Rows drawn anew in one flush; more wait for the next one. */
const maxRows = 100;
/** The view reads all rows below a refreshed one again, so an open row above more than these is refreshed seldom. */
const manyHosts = 200;
const flushManyMs = 5_000;

/** Rows that a feature adds below a host came or went; with a key, that row alone looks different. */
export interface BranchChange {
  fleet: Fleet;
  host: string;
  key?: string;
}

/** Rows that a feature adds below hosts. */
export interface HostBranch {
  rowsOf(fleet: Fleet, host: string): readonly BranchRow[];
  readonly onDidChange: Event<BranchChange>;
}

/** Groups, hosts and checks. Changes are gathered, and only the rows that changed are drawn anew. */
export class HostsTree implements TreeDataProvider<HostsNode>, Disposable {
  private readonly owned = new Disposables();
  private readonly changed = this.owned.add(new EventEmitter<HostsNode[] | undefined>());
  readonly onDidChangeTreeData = this.changed.event;
  private readonly flushed = this.owned.add(new EventEmitter<void>());
  /** Fires after changes were drawn, at most ten times a second. */
  readonly onDidFlush = this.flushed.event;

  private readonly branches: HostBranch[] = [];
  private arranged: HostArrangement = usualArrangement;
  /** The hosts that pass the filter, by fleet; undefined without a filter. */
  private matches: ReadonlyMap<Fleet, ReadonlySet<string>> | undefined;
  private nodes: HostNodes;
  private readonly dirtyHosts = new Map<Fleet, Set<string>>();
  private readonly costlySets = new Set<FleetNode | GroupNode>();
  private timer: NodeJS.Timeout | undefined;
  private costlyTimer: NodeJS.Timeout | undefined;
  private sortTimer: NodeJS.Timeout | undefined;

  constructor(private readonly fleets: Fleets) {
    this.nodes = this.newNodes();
    this.owned.add(fleets.onDidChange(() => this.rebuild()));
    this.owned.add(fleets.onDidChangeVerdicts(({ fleet, hosts }) => this.mark(fleet, hosts)));
  }

  get arrangement(): HostArrangement {
    return this.arranged;
  }

  arrange(arrangement: HostArrangement): void {
    this.arranged = arrangement;
    this.rebuild();
  }

  /** Shows these hosts only; all of them with undefined. */
  filter(matches: ReadonlyMap<Fleet, ReadonlySet<string>> | undefined): void {
    this.matches = matches;
    this.rebuild();
  }

  /** The first row of a host, or the row of a group, in the order of the view. */
  find(fleet: Fleet, kind: 'host' | 'group', name: string): HostsNode | undefined {
    const search = (nodes: readonly HostsNode[]): HostsNode | undefined => {
      for (const node of nodes) {
        if (node.fleet !== fleet || node.kind === 'check' || node.kind === 'branch') continue;
        if (node.kind === kind && nameOf(node) === name) return node;
        if (node.kind === 'host') continue;
        if (kind === 'host' && !node.hosts.includes(name)) continue;
        const found = search(this.nodes.childrenOf(node));
        if (found) return found;
      }
      return undefined;
    };
    return search(this.nodes.roots);
  }

  /** Shows a feature's rows below hosts from now on. */
  addBranch(branch: HostBranch): void {
    this.branches.push(branch);
    this.owned.add(
      branch.onDidChange(({ fleet, host, key }) => {
        const nodes =
          key === undefined ? this.nodes.renew(fleet, host) : this.nodes.branchNodesOf(fleet, host, key);
        if (nodes.length > 0) this.changed.fire([...nodes]);
      }),
    );
  }

  getTreeItem(node: HostsNode): TreeItem {
    return hostItem(node, node.kind === 'host' && this.rowsBelow(node.fleet, node.host.name).length > 0);
  }

  resolveTreeItem(item: TreeItem, node: HostsNode): TreeItem {
    if (node.kind !== 'branch') item.tooltip = hostTooltip(node);
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
    clearTimeout(this.costlyTimer);
    clearTimeout(this.sortTimer);
    this.owned.dispose();
  }

  private newNodes(): HostNodes {
    const { arranged, matches, rowsBelow } = this;
    return new HostNodes(this.fleets.shown, {
      arrangement: arranged,
      shows: (fleet, host) => !matches || (matches.get(fleet)?.has(host) ?? false),
      rowsBelow,
    });
  }

  private readonly rowsBelow = (fleet: Fleet, host: string): readonly BranchRow[] =>
    this.branches.flatMap((branch) => branch.rowsOf(fleet, host));

  private rebuild(): void {
    clearTimeout(this.sortTimer);
    this.sortTimer = undefined;
    this.nodes = this.newNodes();
    this.dirtyHosts.clear();
    this.costlySets.clear();
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
      const now = new Set([...hosts].slice(0, maxRows));
      for (const host of now) {
        hosts.delete(host);
        for (const node of this.nodes.nodesOf(fleet, host)) rows.add(node);
      }
      if (hosts.size === 0) this.dirtyHosts.delete(fleet);
      for (const node of this.nodes.setsOf(fleet)) {
        if (!node.hosts.some((host) => now.has(host))) continue;
        if (isCostly(node)) this.costlySets.add(node);
        else rows.add(node);
      }
    }
    if (this.dirtyHosts.size > 0) this.timer = setTimeout(() => this.flush(), flushMs);
    this.flushCostlySets();
    if (this.arranged.order === 'state') this.sortSoon();
    if (rows.size > 0) this.changed.fire([...rows]);
    this.flushed.fire();
  }

  /** At once when nothing below is under way, else after a while: meanwhile the status bar tells. */
  private flushCostlySets(): void {
    if (this.costlySets.size === 0) return;
    const isSettled = [...this.costlySets].every(({ fleet, hosts }) => fleet.verdicts.isSettled(hosts));
    if (isSettled && this.dirtyHosts.size === 0) {
      clearTimeout(this.costlyTimer);
      this.drawCostlySets();
    } else this.costlyTimer ??= setTimeout(() => this.drawCostlySets(), flushManyMs);
  }

  /** Rows move when nothing is under way any more, or else seldom: nobody can read what jumps about. */
  private sortSoon(): void {
    if (this.fleets.shown.every(({ tally }) => tally.pending === 0)) {
      clearTimeout(this.sortTimer);
      this.sortTimer = setTimeout(() => this.rebuild(), flushMs);
    } else this.sortTimer ??= setTimeout(() => this.rebuild(), flushManyMs);
  }

  private drawCostlySets(): void {
    this.costlyTimer = undefined;
    this.changed.fire([...this.costlySets]);
    this.costlySets.clear();
  }
}

/** Whether drawing the row makes the view read very many others: it was opened, and holds many hosts. */
function isCostly(node: FleetNode | GroupNode): boolean {
  return node.hosts.length > manyHosts && node.children !== undefined;
}

function nameOf(node: FleetNode | GroupNode | HostNode): string | undefined {
  if (node.kind === 'host') return node.host.name;
  return node.kind === 'group' && node.label === undefined ? node.name : undefined;
}
