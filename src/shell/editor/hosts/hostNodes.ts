import type { Check } from '../../../features/checks/core/check';
import type { Group, Host, Inventory } from '../../../platform/inventory/model';
import type { TreeItem } from 'vscode';
import type { Verdict } from '../fleets/checkVerdicts';
import type { Fleet } from '../fleets/fleet';
import { byName, type HostArrangement } from './hostArrangement';

export interface FleetNode {
  readonly kind: 'fleet';
  readonly id: string;
  readonly fleet: Fleet;
  readonly parent: undefined;
  readonly hosts: readonly string[];
  children?: readonly HostNode[] | readonly GroupNode[];
}

export interface GroupNode {
  readonly kind: 'group';
  readonly id: string;
  readonly fleet: Fleet;
  readonly parent: FleetNode | undefined;
  /** undefined for the hosts that no group holds, or that do not have the label. */
  readonly name: string | undefined;
  /** The label whose value `name` is; without one it is the name of a group of the inventory. */
  readonly label?: string;
  readonly hosts: readonly string[];
  children?: readonly HostNode[];
}

export interface HostNode {
  readonly kind: 'host';
  readonly id: string;
  readonly fleet: Fleet;
  readonly parent: FleetNode | GroupNode | undefined;
  readonly host: Host;
  children?: readonly (CheckNode | BranchNode)[];
}

export interface CheckNode {
  readonly kind: 'check';
  readonly id: string;
  readonly fleet: Fleet;
  readonly parent: HostNode;
  readonly host: Host;
  readonly check: Check;
}

/** A row that a feature adds below a host, such as a forwarded port. */
export interface BranchNode {
  readonly kind: 'branch';
  readonly id: string;
  readonly fleet: Fleet;
  readonly parent: HostNode;
  readonly host: Host;
  readonly row: BranchRow;
}

/** What a feature shows below a host, and has its commands called with. */
export interface BranchRow {
  /** Distinct among the rows of the host. */
  readonly key: string;
  item(): TreeItem;
}

export type RowsBelow = (fleet: Fleet, host: string) => readonly BranchRow[];

/** What the view is asked to show, and how. */
export interface HostsShape {
  readonly arrangement: HostArrangement;
  /** Whether a host passes the filter. */
  readonly shows: (fleet: Fleet, host: string) => boolean;
  readonly rowsBelow: RowsBelow;
}

export type HostsNode = FleetNode | GroupNode | HostNode | CheckNode | BranchNode;

/** The worst first. */
const rankOf: Record<Verdict, number> = { unhealthy: 0, degraded: 1, unknown: 2, skipped: 3, healthy: 4 };

/**
 * The nodes of the Hosts view. Ids are made of names, so that what is expanded and selected outlives a reload;
 * children are made when the view asks for them, since most of 5,000 hosts are never opened.
 */
export class HostNodes {
  readonly roots: readonly HostsNode[];
  private readonly nodesByHost = new Map<string, HostNode[]>();

  constructor(
    fleets: readonly Fleet[],
    private readonly shape: HostsShape,
  ) {
    const [only] = fleets;
    this.roots =
      only && fleets.length === 1
        ? this.membersOf(only, undefined)
        : fleets.map((fleet) => this.fleetNode(fleet));
  }

  childrenOf(node: HostsNode): readonly HostsNode[] {
    switch (node.kind) {
      case 'fleet':
        return (node.children ??= this.membersOf(node.fleet, node));
      case 'group':
        return (node.children ??= this.hostNodes(node.fleet, node, node.hosts));
      case 'host':
        return (node.children ??= [...checkNodes(node), ...this.branchNodes(node)]);
      case 'check':
      case 'branch':
        return [];
    }
  }

  /** The nodes of a host that the view has asked for so far. */
  nodesOf(fleet: Fleet, host: string): readonly HostNode[] {
    return this.nodesByHost.get(keyOf(fleet, host)) ?? [];
  }

  /** The rows of a fleet that count hosts. */
  setsOf(fleet: Fleet): readonly (FleetNode | GroupNode)[] {
    return this.roots
      .flatMap((node): readonly HostsNode[] =>
        node.kind === 'fleet' ? [node, ...(node.children ?? [])] : [node],
      )
      .filter((node) => node.kind === 'fleet' || node.kind === 'group')
      .filter((node) => node.fleet === fleet);
  }

  /** Forgets the rows below a host: what features add there has changed. */
  renew(fleet: Fleet, host: string): readonly HostNode[] {
    const nodes = this.nodesOf(fleet, host);
    for (const node of nodes) node.children = undefined;
    return nodes;
  }

  /** The rows with this key below a host, as far as the view has asked for them. */
  branchNodesOf(fleet: Fleet, host: string, key: string): readonly BranchNode[] {
    return this.nodesOf(fleet, host)
      .flatMap((node): readonly (CheckNode | BranchNode)[] => node.children ?? [])
      .filter((node) => node.kind === 'branch')
      .filter(({ row }) => row.key === key);
  }

  private inOrder(fleet: Fleet, names: readonly string[]): readonly string[] {
    switch (this.shape.arrangement.order) {
      case 'inventory':
        return names;
      case 'name':
        return [...names].sort(byName);
      case 'state': {
        const ranks = new Map(names.map((name) => [name, rankOf[fleet.verdicts.host(name).status]]));
        return [...names].sort((a, b) => ranks.get(a)! - ranks.get(b)! || byName(a, b));
      }
    }
  }

  private branchNodes(node: HostNode): BranchNode[] {
    const { fleet, host } = node;
    return this.shape.rowsBelow(fleet, host.name).map((row) => ({
      ...{ kind: 'branch' as const, id: `${node.id}\0branch\0${row.key}` },
      ...{ fleet, parent: node, host, row },
    }));
  }

  /** Sets of hosts, then what is in none; without sets the hosts themselves. */
  private membersOf(fleet: Fleet, parent: FleetNode | undefined): readonly GroupNode[] | readonly HostNode[] {
    const inventory = fleet.inventory;
    if (!inventory) return [];
    const { grouping } = this.shape.arrangement;
    const sets = setsIn(inventory, grouping)
      .map((set) => ({ ...set, isEmpty: set.hosts.length === 0, hosts: this.shown(fleet, set.hosts) }))
      // One whose hosts a source finds is there without any, too: they may be unknown.
      .filter(({ hosts, origin, isEmpty }) => hosts.length > 0 || (origin && isEmpty));
    if (sets.every(({ name }) => name === undefined))
      return this.hostNodes(fleet, parent, this.shown(fleet, inventory.hosts.keys()));
    const label = grouping.by === 'label' ? grouping.label : undefined;
    return sets.map(({ name, hosts }): GroupNode => ({
      kind: 'group',
      id: `${fleet.id}\0${label === undefined ? 'group' : `label\0${label}`}\0${name ?? ''}`,
      fleet,
      parent,
      name,
      ...(label !== undefined && { label }),
      hosts,
    }));
  }

  private fleetNode(fleet: Fleet): FleetNode {
    const hosts = this.shown(fleet, fleet.inventory?.hosts.keys() ?? []);
    return { kind: 'fleet', id: fleet.id, fleet, parent: undefined, hosts };
  }

  private shown(fleet: Fleet, hosts: Iterable<string>): string[] {
    return [...hosts].filter((host) => this.shape.shows(fleet, host));
  }

  private hostNodes(
    fleet: Fleet,
    parent: FleetNode | GroupNode | undefined,
    names: readonly string[],
  ): readonly HostNode[] {
    return this.inOrder(fleet, names).flatMap((name) => {
      const host = fleet.inventory?.hosts.get(name);
      if (!host) return [];
      const node: HostNode = {
        kind: 'host',
        id: `${parent?.id ?? fleet.id}\0host\0${name}`,
        fleet,
        parent,
        host,
      };
      const key = keyOf(fleet, name);
      const nodes = this.nodesByHost.get(key);
      if (nodes) nodes.push(node);
      else this.nodesByHost.set(key, [node]);
      return [node];
    });
  }
}

function checkNodes(node: HostNode): CheckNode[] {
  const { fleet, host } = node;
  return fleet.checksOf(host.name).map((check) => ({
    kind: 'check',
    id: `${node.id}\0check\0${check.name}`,
    fleet,
    parent: node,
    host,
    check,
  }));
}

interface HostSet extends Pick<Group, 'origin'> {
  name: string | undefined;
  hosts: readonly string[];
}

function setsIn(inventory: Inventory, grouping: HostArrangement['grouping']): HostSet[] {
  switch (grouping.by) {
    case 'none':
      return [];
    case 'label':
      return setsByLabel(inventory, grouping.label);
    case 'group': {
      const groups = [...inventory.groups.values()];
      const grouped = new Set(groups.flatMap(({ hosts }) => [...hosts]));
      const others = [...inventory.hosts.keys()].filter((name) => !grouped.has(name));
      return [...groups, { name: undefined, hosts: others }];
    }
  }
}

function setsByLabel(inventory: Inventory, label: string): HostSet[] {
  const sets = new Map<string, string[]>();
  const others: string[] = [];
  for (const { name, labels } of inventory.hosts.values()) {
    const value = Object.hasOwn(labels, label) ? labels[label]! : undefined;
    if (value === undefined) others.push(name);
    else if (sets.has(value)) sets.get(value)!.push(name);
    else sets.set(value, [name]);
  }
  const named = [...sets].sort(([a], [b]) => byName(a, b)).map(([name, hosts]) => ({ name, hosts }));
  return [...named, { name: undefined, hosts: others }];
}

function keyOf(fleet: Fleet, host: string): string {
  return `${fleet.id}\0${host}`;
}

/** The names of the hosts below a node. */
export function hostNamesOf(node: HostsNode): readonly string[] {
  return node.kind === 'fleet' || node.kind === 'group' ? node.hosts : [node.host.name];
}
